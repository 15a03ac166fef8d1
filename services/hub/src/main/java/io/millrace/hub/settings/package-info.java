/** The command {@code millrace settings}, and what a hub tells of its own settings. Reads and writes schema {@code access}. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.settings;
