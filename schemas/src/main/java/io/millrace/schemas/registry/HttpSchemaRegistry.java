package io.millrace.schemas.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client of any registry with the Confluent API; with Apicurio the address ends in {@code /apis/ccompat/v7}. */
public final class HttpSchemaRegistry implements SchemaRegistry {
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration IMPATIENT = Duration.ofSeconds(3);
    private static final int ATTEMPTS = 4;
    private static final Logger LOG = LoggerFactory.getLogger(HttpSchemaRegistry.class);
    private static final String REVISION = "revision";
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int CONFLICT = 409;

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http;
    private final Duration timeout;
    private final int attempts;
    private final String base;
    private final Map<SubjectSchema, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    /** By subject, the schema that was registered last for an altered table or view. */
    private final Map<String, Schema> newest = new ConcurrentHashMap<>();

    private record SubjectSchema(String subject, Schema schema) {}

    /** @param schema in JSON */
    private record Version(int id, int number, String schema) {

        /** The schema as it was wanted, without what makes it another version. */
        Schema without(ObjectMapper json) {
            try {
                JsonNode tree = json.readTree(schema);
                if (tree instanceof ObjectNode record) {
                    record.remove(REVISION);
                }
                return new Schema.Parser().parse(tree.toString());
            } catch (JsonProcessingException malformed) {
                throw new IllegalStateException("the registry's schema with id " + id + " is not JSON", malformed);
            }
        }
    }

    public HttpSchemaRegistry(String address) {
        this(address, TIMEOUT, ATTEMPTS);
    }

    private HttpSchemaRegistry(String address, Duration timeout, int attempts) {
        this.timeout = timeout;
        this.attempts = attempts;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .build();
        this.base = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    }

    /** For somebody who waits for an answer: it asks once, and gives up within seconds. */
    public static HttpSchemaRegistry impatient(String address) {
        return new HttpSchemaRegistry(address, IMPATIENT, 1);
    }

    @Override
    public int register(String subject, Schema schema) {
        SubjectSchema wanted = new SubjectSchema(subject, schema);
        Integer known = ids.get(wanted);
        if (known != null) {
            return known;
        }
        String what = "register the schema of subject " + subject;
        return known(wanted, send(registration(wanted), what).orElseThrow(() -> refused(what, NOT_FOUND, "not found")));
    }

    @Override
    public int registerAltered(String subject, Schema schema) {
        SubjectSchema wanted = new SubjectSchema(subject, schema);
        Integer known = ids.get(wanted);
        if (known != null && schema.equals(newest.get(subject))) {
            return known;
        }
        Optional<Version> latest = latestVersion(subject);
        if (latest.isPresent() && latest.get().without(json).equals(schema)) {
            return altered(wanted, latest.get().id());
        }
        int id = registerAnyway(wanted);
        Version after = latestVersion(subject).orElseThrow();
        if (after.id() != id) {
            // It was altered back: a registry gives the earlier version, and the latest one would stay what the table
            // is no more.
            Schema again = new Schema.Parser().parse(schema.toString());
            again.addProp(REVISION, after.number());
            id = registerAnyway(new SubjectSchema(subject, again));
        }
        return altered(wanted, id);
    }

    private int altered(SubjectSchema wanted, int id) {
        ids.put(wanted, id);
        newest.put(wanted.subject(), wanted.schema());
        return id;
    }

    private int registerAnyway(SubjectSchema wanted) {
        String what = "register the altered schema of subject " + wanted.subject();
        Optional<JsonNode> registered = send(registration(wanted), what, CONFLICT);
        if (registered.isPresent()) {
            return known(wanted, registered.get());
        }
        LOG.warn(
                "{} was altered in a way that readers with the new schema cannot read older records: it is registered all the same",
                wanted.subject());
        HttpRequest.Builder config = request("/config/" + encode(wanted.subject()));
        send(config.PUT(HttpRequest.BodyPublishers.ofString("{\"compatibility\":\"NONE\"}")), what);
        try {
            return register(wanted.subject(), wanted.schema());
        } finally {
            // From now on the registry's own rule holds again.
            send(request("/config/" + encode(wanted.subject())).DELETE(), what);
        }
    }

    private HttpRequest.Builder registration(SubjectSchema wanted) {
        String body = json.createObjectNode()
                .put("schema", wanted.schema().toString())
                .toString();
        return request("/subjects/" + encode(wanted.subject()) + "/versions")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private int known(SubjectSchema wanted, JsonNode registered) {
        int id = registered.get("id").asInt();
        ids.put(wanted, id);
        schemas.put(id, wanted.schema());
        return id;
    }

    @Override
    public Schema schema(int id) {
        Schema known = schemas.get(id);
        if (known != null) {
            return known;
        }
        String what = "read the schema with id " + id;
        JsonNode answer = send(request("/schemas/ids/" + id).GET(), what)
                .orElseThrow(
                        // Waiting does not help: it is no server's fault.
                        () -> new MillraceException(
                                Category.USER,
                                "the schema registry at " + base + " has no schema with id " + id,
                                "check that the hub and the writer of the topic use the same registry, and that its data was kept"));
        Schema schema = new Schema.Parser().parse(answer.get("schema").asText());
        schemas.put(id, schema);
        return schema;
    }

    @Override
    public Optional<Schema> latest(String subject) {
        return latestVersion(subject).map(version -> new Schema.Parser().parse(version.schema()));
    }

    private Optional<Version> latestVersion(String subject) {
        return send(request("/subjects/" + encode(subject) + "/versions/latest").GET(), "read subject " + subject)
                .map(answer -> new Version(
                        answer.get("id").asInt(),
                        answer.get("version").asInt(),
                        answer.get("schema").asText()));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(timeout)
                .header("Content-Type", MEDIA_TYPE)
                .header("Accept", MEDIA_TYPE);
    }

    private Optional<JsonNode> send(HttpRequest.Builder builder, String what) {
        return send(builder, what, NOT_FOUND);
    }

    /** Empty where the registry answers 404, or the other status. Retries what is worth it: no connection, 429 and 5xx. */
    private Optional<JsonNode> send(HttpRequest.Builder builder, String what, int orStatus) {
        HttpRequest request = builder.build();
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
                int status = response.statusCode();
                if (status / 100 == 2) {
                    return Optional.of(json.readTree(response.body()));
                }
                if (status == NOT_FOUND || status == orStatus) {
                    return Optional.empty();
                }
                if (!isTransient(status) || attempt == attempts) {
                    throw refused(what, status, response.body());
                }
            } catch (IOException unreachable) {
                if (attempt == attempts) {
                    throw new MillraceException(
                            Category.EXTERNAL,
                            "cannot " + what + ": the schema registry at " + base + " is unreachable ("
                                    + unreachable.getClass().getSimpleName() + ")",
                            "start the registry, or correct registry.url in the configuration",
                            unreachable);
                }
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                throw new MillraceException(
                        Category.INTERNAL, "stopped while trying to " + what, "none: the hub is stopping", stopping);
            }
            pause(attempt);
        }
    }

    private static void pause(int attempt) {
        try {
            Thread.sleep(Duration.ofMillis(100L << attempt));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private MillraceException refused(String what, int status, String body) {
        return new MillraceException(
                Category.EXTERNAL,
                "the schema registry at " + base + " refused to " + what + ": " + status + " "
                        + body.substring(0, Math.min(body.length(), 500)),
                status == CONFLICT
                        ? "the change is incompatible with the published schema: make it compatible, or give the topic a new name"
                        : "see the registry's log",
                isTransient(status) ? new IOException("status " + status) : null);
    }

    private static boolean isTransient(int status) {
        return status == TOO_MANY_REQUESTS || status / 100 == 5;
    }

    private static String encode(String subject) {
        return URLEncoder.encode(subject, StandardCharsets.UTF_8);
    }
}
