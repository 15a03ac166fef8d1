@org.jspecify.annotations.NullMarked
package io.millrace.governance.audit;
