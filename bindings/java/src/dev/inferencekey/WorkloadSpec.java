package dev.inferencekey;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A workload as its user declares it: one model, one backend, one policy. A field that is not set is never drift.
 *
 * <pre>{@code
 * WorkloadSpec.builder().name("support-bot").slug("support-bot").model("Qwen/Qwen2.5-0.5B-Instruct")
 *         .backend(Backend.VLLM).command("vllm serve Qwen/Qwen2.5-0.5B-Instruct").build()
 * }</pre>
 */
public final class WorkloadSpec {
    private final Map<String, Object> fields;

    private WorkloadSpec(Map<String, Object> fields) {
        this.fields = fields;
    }

    /** {@return a spec without any field} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return the declared fields, as the wire names them} */
    public Map<String, Object> toMap() {
        return fields;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WorkloadSpec spec && fields.equals(spec.fields);
    }

    @Override
    public int hashCode() {
        return fields.hashCode();
    }

    @Override
    public String toString() {
        return "WorkloadSpec" + fields.keySet();
    }

    /** Collects the fields. Name, slug, model and backend are required; the client says so before anything is sent. */
    public static final class Builder {
        private final Map<String, Object> fields = new LinkedHashMap<>();

        private Builder() {}

        private static Map<String, Object> copy(Map<String, ?> settings) {
            return settings == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        }

        private Builder with(String name, Object value) {
            if (value == null) {
                fields.remove(name);
            } else {
                fields.put(name, value);
            }
            return this;
        }

        /**
         * As people call it.
         *
         * @param text null for none
         * @return this builder
         */
        public Builder name(String text) {
            return with("name", text);
        }

        /**
         * Unique in its project; part of its address.
         *
         * @param text null for none
         * @return this builder
         */
        public Builder slug(String text) {
            return with("slug", text);
        }

        /**
         * A hub name such as {@code Qwen/Qwen2.5-0.5B-Instruct}, a path, or an Ollama tag.
         *
         * @param name null for none
         * @return this builder
         */
        public Builder model(String name) {
            return with("model", name);
        }

        /**
         * The engine kind.
         *
         * @param kind null for none
         * @return this builder
         */
        public Builder backend(Backend kind) {
            return with("backend", kind == null ? null : kind.toString());
        }

        /**
         * The engine kind, or the slug of a custom backend.
         *
         * @param slug null for none
         * @return this builder
         */
        public Builder backend(String slug) {
            return with("backend", slug);
        }

        /**
         * The project, before that of the client.
         *
         * @param slug null for none
         * @return this builder
         */
        public Builder project(String slug) {
            return with("project", slug);
        }

        /**
         * For people.
         *
         * @param text null for none
         * @return this builder
         */
        public Builder description(String text) {
            return with("description", text);
        }

        /**
         * The engine's command line, such as {@code vllm serve NAME --max-model-len 8192}.
         *
         * @param line null for none
         * @return this builder
         */
        public Builder command(String line) {
            return with("command", line);
        }

        /**
         * The exact version of vLLM.
         *
         * @param version null for none
         * @return this builder
         */
        public Builder vllmVersion(String version) {
            return with("vllm_version", version);
        }

        /**
         * What it does; text from text unless set.
         *
         * @param type null for none
         * @return this builder
         */
        public Builder taskType(TaskType type) {
            return with("task_type", type == null ? null : type.toString());
        }

        /**
         * What it does, as the word of the wire.
         *
         * @param word null for none
         * @return this builder
         */
        public Builder taskType(String word) {
            return with("task_type", word);
        }

        /**
         * Settings of the backend.
         *
         * @param settings null for none
         * @return this builder
         */
        public Builder config(Map<String, ?> settings) {
            return with("config", copy(settings));
        }

        /**
         * How many replicas run, and when; fixed unless set.
         *
         * @param policy null for none
         * @return this builder
         */
        public Builder executionPolicy(ExecutionPolicy policy) {
            return with("execution_policy", policy == null ? null : policy.toString());
        }

        /**
         * How many replicas run, and when, as the word of the wire.
         *
         * @param word null for none
         * @return this builder
         */
        public Builder executionPolicy(String word) {
            return with("execution_policy", word);
        }

        /**
         * Settings of the policy, such as {@code replicas}.
         *
         * @param settings null for none
         * @return this builder
         */
        public Builder executionPolicyConfig(Map<String, ?> settings) {
            return with("execution_policy_config", copy(settings));
        }

        /**
         * The machine where it must run.
         *
         * @param id null for none
         * @return this builder
         */
        public Builder workerId(String id) {
            return with("worker_id", id);
        }

        /**
         * The device on which it must run.
         *
         * @param id null for none
         * @return this builder
         */
        public Builder gpuResourceId(String id) {
            return with("gpu_resource_id", id);
        }

        /** {@return the spec} */
        public WorkloadSpec build() {
            return new WorkloadSpec(Collections.unmodifiableMap(new LinkedHashMap<>(fields)));
        }
    }
}
