package io.millrace.hub.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Of a text in a YAML file that is not empty: what it looks like. */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
@interface Matches {
    /** A regular expression of the whole text. */
    String regex();

    /** What it is, for a person, with an example. */
    String as();

    /** An address on the web. */
    String AN_ADDRESS = "an address, such as https://host.example.com";

    String HTTP = "https?://[^\\s<>\"]+";
}
