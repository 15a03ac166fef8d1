/** Who is told of what. Reads what {@code catalog/routes.yaml} says. */
@org.jspecify.annotations.NullMarked
package io.millrace.notifications.route;
