/** Subjects and bodies. Reads {@code catalog/templates}. */
@org.jspecify.annotations.NullMarked
package io.millrace.notifications.template;
