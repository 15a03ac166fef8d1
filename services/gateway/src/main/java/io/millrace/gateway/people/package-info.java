/** Sign-in, sessions, users, roles and keys, over HTTP. Reads and writes schema {@code access}. */
@NullMarked
package io.millrace.gateway.people;

import org.jspecify.annotations.NullMarked;
