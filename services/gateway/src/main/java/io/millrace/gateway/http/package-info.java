/** What every operation of the API has in common: parameters, permissions, problems, the OpenAPI document. */
@NullMarked
package io.millrace.gateway.http;

import org.jspecify.annotations.NullMarked;
