/** What is wrong with the servers that a configuration names: asks each of them, and reads; writes nothing. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.doctor;
