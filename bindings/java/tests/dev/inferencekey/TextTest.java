package dev.inferencekey;

import static dev.inferencekey.Fixtures.completion;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.inferencekey.internal.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextTest extends ServerTest {
    @Test
    void aTextComesWithEverythingTheServerSaid() {
        Map<String, Object> answer = completion("¡Hola! 👋");
        answer.put("custom", List.of(1L, "b"));
        server.script = (request, reply) -> reply.json(answer);
        TextResult result = endpoint.generateText(
                t -> t.prompt("Hola").temperature(0.2).maxTokens(300).extra("seed", 7));
        assertEquals(new TextResult("¡Hola! 👋", "m", "stop", new Usage(3, 2, 5), answer), result);
        LoopbackServer.Request request = server.requests.get(0);
        assertEquals(
                "{\"model\":\"support-bot\",\"messages\":[{\"role\":\"user\",\"content\":\"Hola\"}],"
                        + "\"temperature\":0.2,\"max_tokens\":300,\"seed\":7}",
                new String(request.body(), StandardCharsets.UTF_8));
        assertEquals("Bearer " + Fixtures.KEY, request.headers().get("authorization"));
        assertEquals("/endpoint/acme/support-bot/v1/chat/completions", request.target());
    }

    @Test
    void numbersOfTheAnswerKeepTheirSpelling() {
        String body = "{\"model\":\"m\",\"choices\":[{\"message\":{\"content\":\"x\"}}],"
                + "\"n\":[1.50,1e5,12345678901234567890,-0,7]}";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        server.script = (request, reply) -> reply.answer(bytes, 200, "application/json");
        Object numbers = endpoint.generateText(t -> t.prompt("x")).raw().get("n");
        assertEquals("[1.50, 1e5, 12345678901234567890, -0, 7]", numbers.toString());
        assertEquals(1.5, ((Number) ((List<?>) numbers).get(0)).doubleValue());
        assertEquals(7L, ((List<?>) numbers).get(4));
        server.script = (request, reply) -> reply.json(completion("x"));
        endpoint.generateText(t -> t.prompt("x").extra("n", numbers));
        assertTrue(new String(server.requests.get(1).body(), StandardCharsets.UTF_8)
                .contains("\"n\":[1.50,1e5,12345678901234567890,-0,7]"));
    }

    @Test
    void resultsCannotBeChanged() {
        server.script = (request, reply) -> reply.json(completion("x"));
        Map<String, Object> raw = endpoint.generateText(t -> t.prompt("x")).raw();
        assertThrows(UnsupportedOperationException.class, () -> raw.put("a", 1));
    }

    @Test
    void optionsThatAreNotSetAreNotSent() {
        server.script = (request, reply) -> reply.json(completion("x"));
        endpoint.generateText(t -> t.message("system", "Be brief.").messages(
                List.of(Map.of("role", "user", "content", "Hola"))));
        assertEquals(
                "{model=support-bot, messages=[{role=system, content=Be brief.}, {role=user, content=Hola}]}",
                server.requests.get(0).json().toString());
    }

    static Stream<Consumer<TextOptions>> badArguments() {
        List<Object> itself = new java.util.ArrayList<>();
        itself.add(itself);
        return Stream.of(
                t -> {},
                t -> t.prompt(" "),
                t -> t.messages(List.of()),
                t -> t.prompt("a").messages(List.of(Map.of("role", "user", "content", "b"))),
                t -> t.prompt("a").extra("top_k", new Object()),
                t -> t.prompt("a").extra("top_k", Double.NaN),
                t -> t.prompt("a").extra("top_k", itself),
                t -> t.prompt("half a pair: \ud800"));
    }

    @ParameterizedTest
    @MethodSource("badArguments")
    void badArgumentsAreRefusedBeforeAnythingIsSent(Consumer<TextOptions> options) {
        ValidationException error = assertThrows(ValidationException.class, () -> endpoint.generateText(options));
        assertTrue(error.getMessage().startsWith("validation error: "), error.getMessage());
        assertEquals(0, server.accepted.get());
    }

    @Test
    void callsShareAConnection() {
        server.script = (request, reply) -> reply.json(completion("x"));
        for (int i = 0; i < 5; i++) {
            endpoint.generateText(t -> t.prompt("Hola"));
        }
        assertEquals(1, server.accepted.get());
    }

    @Test
    void embeddingsAndRanks() {
        server.script = (request, reply) -> reply.json(
                request.target().endsWith("/embeddings")
                        ? Map.of("model", "m", "data", List.of(
                                Map.of("index", 1, "embedding", List.of(0.5)),
                                Map.of("index", 0, "embedding", List.of(1, 2.25))))
                        : Map.of("model", "m", "results", List.of(Map.of("index", 1, "relevance_score", 0.75))));
        EmbedResult embedded = endpoint.embed(List.of("a", "b"), o -> o.extra("dimensions", 2));
        assertArrayEquals(new double[] {1, 2.25}, embedded.embeddings().get(0));
        assertArrayEquals(new double[] {0.5}, embedded.embeddings().get(1));
        assertEquals(2L, server.requests.get(0).json().get("dimensions"));
        endpoint.embed("a");
        assertEquals("a", server.requests.get(1).json().get("input"));
        RerankResult ranked = endpoint.rerank("q", List.of("a", "b"), o -> o.topN(1));
        assertEquals(List.of(new RerankItem(1, 0.75)), ranked.results());
        assertEquals(
                "{model=support-bot, query=q, documents=[a, b], top_n=1}", server.requests.get(2).json().toString());
    }

    /** JSON can name a number that is none to Java, or to anybody. */
    @Test
    void aNumberThatIsNoneIsAnErrorOfTheAnswer() {
        String embedding = "{\"data\":[{\"index\":0,\"embedding\":[1e999]}],\"model\":\"m\"}";
        String ranks = "{\"results\":[{\"index\":0,\"relevance_score\":1e999}],\"model\":\"m\"}";
        server.script = (request, reply) -> {
            String answer = request.target().endsWith("/embeddings") ? embedding : ranks;
            reply.answer(answer.getBytes(StandardCharsets.UTF_8), 200, "application/json");
        };
        assertThrows(ApiException.class, () -> endpoint.embed("a"));
        assertThrows(ApiException.class, () -> endpoint.rerank("q", List.of("a")));
    }

    @Test
    void anyOtherRoute() {
        byte[] picture = {(byte) 0xff, 0, 'P', 'N', 'G'};
        server.script = (request, reply) -> reply.answer(picture, 200, "image/png", "x-request-id: r-1");
        Response response = endpoint.request(
                "POST", "/images/generations", o -> o.json(Json.of("b", 1, "a", List.of(true))).header("x-a", "1"));
        assertEquals(200, response.status());
        assertArrayEquals(picture, response.content());
        assertEquals("r-1", response.header("X-Request-ID"));
        assertEquals("{\"b\":1,\"a\":[true]}", new String(server.requests.get(0).body(), StandardCharsets.UTF_8));
        assertEquals("1", server.requests.get(0).headers().get("x-a"));
        endpoint.request("POST", "/audio/transcriptions", o -> o.content(picture).contentType("audio/wav"));
        assertArrayEquals(picture, server.requests.get(1).body());
        assertEquals("audio/wav", server.requests.get(1).headers().get("content-type"));
        ApiException error = assertThrows(ApiException.class, response::json);
        assertTrue(error.getMessage().contains("not JSON"));
        assertEquals("r-1", error.requestId());
    }

    @Test
    void forecastsAndJobs() {
        server.script = (request, reply) -> {
            if (request.target().endsWith("/forecast")) {
                reply.json(Map.of("values", List.of(1.5)));
            } else if (request.method().equals("POST")) {
                reply.json(Map.of("job_id", "j-1"), 202);
            } else {
                reply.json(Json.of(
                        "job_id", "j-1", "state", "completed", "attempts", 1, "result", Map.of("text", "x")));
            }
        };
        Map<?, ?> forecast = (Map<?, ?>) endpoint.forecast(Map.of("horizon", 3)).raw();
        assertEquals("[1.5]", forecast.get("values").toString());
        assertEquals("{\"horizon\":3}", new String(server.requests.get(0).body(), StandardCharsets.UTF_8));
        Job submitted = endpoint.submitJob(
                "chat", Map.of("messages", List.of()), o -> o.context(Map.of("order", 42)).idempotencyKey("k-1"));
        assertEquals("j-1", submitted.id());
        assertNull(submitted.state());
        assertEquals("k-1", server.requests.get(1).headers().get("idempotency-key"));
        endpoint.submitJob("audio_transcriptions", new byte[] {1, 2}, o -> o.contentType("audio/wav"));
        assertEquals("AQI=", server.requests.get(2).json().get("body_b64"));
        assertThrows(ValidationException.class, () -> endpoint.submitJob("audio_transcriptions", new byte[] {1}));
        Job job = endpoint.getJob("j-1");
        assertEquals(List.of("completed", 1L, Map.of("text", "x")), List.of(job.state(), job.attempts(), job.result()));
    }

    @Test
    void aBaseUrlForAnOpenAiClient() {
        assertEquals(server.url + "/endpoint/acme/support-bot/v1", endpoint.baseUrl());
        assertEquals("support-bot", endpoint.workloadSlug());
        assertEquals("acme", endpoint.project());
    }
}
