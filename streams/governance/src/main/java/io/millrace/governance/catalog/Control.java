package io.millrace.governance.catalog;

import io.millrace.schemas.avro.Severity;

/**
 * What a control's header says.
 *
 * @param name also that of its view
 * @param title with {@code {column}} where the violating row's value is to stand
 * @param owner who is responsible for it
 * @param remedy what to do about a violation
 */
public record Control(String name, String title, Severity severity, String owner, String remedy, String description) {}
