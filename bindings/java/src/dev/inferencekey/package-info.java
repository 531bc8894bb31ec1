/**
 * Declares AI workloads in code, and calls them.
 *
 * <pre>{@code
 * try (var management = ManagementClient.fromEnv(o -> o.project("acme"));
 *         var data = DataClient.fromEnv(o -> o.project("acme"))) {
 *     EndpointRef ref = management.ensure(spec);
 *     management.waitUntilReady(ref.workloadSlug());
 *     System.out.println(data.endpoint(ref.workloadSlug()).generateText(t -> t.prompt("Hola")).text());
 * }
 * }</pre>
 */
package dev.inferencekey;
