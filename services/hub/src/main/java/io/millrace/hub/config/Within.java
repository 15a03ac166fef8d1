package io.millrace.hub.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Of a number in a YAML file: the smallest and the largest that is allowed. Of a duration, the shortest in milliseconds. */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
@interface Within {
    double min() default 0;

    double max() default Double.POSITIVE_INFINITY;
}
