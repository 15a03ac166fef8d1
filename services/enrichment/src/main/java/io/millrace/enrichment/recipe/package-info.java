/** Recipes: what is asked of which input, and what the answer has to look like. Reads {@code catalog/recipes}. */
@org.jspecify.annotations.NullMarked
package io.millrace.enrichment.recipe;
