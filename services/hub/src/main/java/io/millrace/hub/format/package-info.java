/** How commands print what they found: a table for people; JSON, YAML or CSV for programs. Reads and writes nothing else. */
@org.jspecify.annotations.NullMarked
package io.millrace.hub.format;
