package dev.inferencekey.internal;

import java.math.BigDecimal;

/** A number that is no {@code long}, as it was written: printing or sending it gives the same characters back. */
final class JsonNumber extends Number {
    private static final long serialVersionUID = 1;

    private final String text;

    JsonNumber(String text) {
        this.text = text;
    }

    @Override
    public int intValue() {
        return (int) longValue();
    }

    @Override
    public long longValue() {
        return (long) doubleValue();
    }

    @Override
    public float floatValue() {
        return Float.parseFloat(text);
    }

    @Override
    public double doubleValue() {
        return Double.parseDouble(text);
    }

    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonNumber number
                && (text.equals(number.text) || new BigDecimal(text).compareTo(new BigDecimal(number.text)) == 0);
    }

    @Override
    public int hashCode() {
        return Double.hashCode(doubleValue());
    }
}
