/** The commands {@code millrace mail} and {@code millrace notify}. Reads the folder of the embedded SMTP server. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.mail;
