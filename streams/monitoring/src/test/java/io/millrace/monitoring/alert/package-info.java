@org.jspecify.annotations.NullMarked
package io.millrace.monitoring.alert;
