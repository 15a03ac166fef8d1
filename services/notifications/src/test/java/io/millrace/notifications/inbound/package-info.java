@org.jspecify.annotations.NullMarked
package io.millrace.notifications.inbound;
