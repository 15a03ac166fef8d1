package io.millrace.hub.config;

import java.util.Locale;

/** A part of the hub that a process can run, in the order in which data flows through them. */
public enum Role {
    /** WAL to Kafka. */
    SOURCE,
    /** The feed to views. */
    VIEWS,
    /** What controls find to alerts. */
    GOVERNANCE,
    /** Views and alerts to the analytics database. */
    SINK,
    /** Alerts to mail. */
    NOTIFICATIONS,
    /** Alerts to an LLM, and what it says. */
    ENRICHMENT,
    /** Where all of these are, and why. */
    MONITORING,
    /** Views and more to applications, over HTTP. */
    GATEWAY;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
