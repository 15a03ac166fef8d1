/** Mails and suppressions over HTTP. Reads and writes schema {@code notifications}. */
@NullMarked
package io.millrace.gateway.mail;

import org.jspecify.annotations.NullMarked;
