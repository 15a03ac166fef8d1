package io.millrace.hub.telemetry;

import io.millrace.hub.config.HubConfig;
import io.millrace.platform.failure.Category;
import io.millrace.platform.failure.MillraceException;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Sends spans to a collector, if there is one. They are made wherever {@link io.millrace.platform.trace.Trace} is used. */
public final class Tracing implements AutoCloseable {
    private static final Duration DELAY = Duration.ofSeconds(1);
    private static final Duration LAST_EXPORT = Duration.ofSeconds(5);

    private static final RetryPolicy AGAIN = RetryPolicy.builder()
            .setMaxAttempts(3)
            .setInitialBackoff(Duration.ofMillis(200))
            .setMaxBackoff(Duration.ofSeconds(1))
            .build();

    private final OpenTelemetrySdk sdk;

    private Tracing(OpenTelemetrySdk sdk) {
        this.sdk = sdk;
    }

    /** Once in a process, before the first span. */
    public static Tracing start(HubConfig config) {
        HubConfig.Tracing settings = config.tracing();
        if (settings.endpoint().isEmpty()) {
            return new Tracing(OpenTelemetrySdk.builder().build());
        }
        Resource resource = Resource.getDefault()
                .merge(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        "millrace",
                        AttributeKey.stringKey("service.instance.id"),
                        config.engine().instance())));
        SdkTracerProvider provider = SdkTracerProvider.builder()
                .setResource(resource)
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.sample())))
                .addSpanProcessor(new EndedSpans())
                .addSpanProcessor(BatchSpanProcessor.builder(new CountedSpans(exporter(settings)))
                        .setScheduleDelay(DELAY)
                        .setMaxQueueSize(8_192)
                        .build())
                .build();
        return new Tracing(
                OpenTelemetrySdk.builder().setTracerProvider(provider).buildAndRegisterGlobal());
    }

    private static OtlpHttpSpanExporter exporter(HubConfig.Tracing settings) {
        try {
            OtlpHttpSpanExporterBuilder builder = OtlpHttpSpanExporter.builder()
                    .setEndpoint(settings.endpoint())
                    .setRetryPolicy(AGAIN);
            if (!settings.key().isEmpty()) {
                builder.addHeader(settings.keyHeader(), settings.key().reveal());
            }
            return builder.build();
        } catch (IllegalArgumentException wrong) {
            throw new MillraceException(
                    Category.USER,
                    "tracing.endpoint cannot be used: " + wrong.getMessage(),
                    "name the address of a collector for OTLP over HTTP, such as http://collector:4318/v1/traces");
        }
    }

    /** Sends what is left. */
    @Override
    public void close() {
        sdk.shutdown().join(LAST_EXPORT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
