@org.jspecify.annotations.NullMarked
package io.millrace.hub.settings;
