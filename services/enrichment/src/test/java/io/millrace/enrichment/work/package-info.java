@org.jspecify.annotations.NullMarked
package io.millrace.enrichment.work;
