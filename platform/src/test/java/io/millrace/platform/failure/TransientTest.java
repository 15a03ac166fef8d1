package io.millrace.platform.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransientTest {
    @ParameterizedTest
    @CsvSource({
        "08006, true",
        "08P01, true",
        "53100, true",
        "53300, true",
        "57P01, true",
        "57P03, true",
        "58030, true",
        "40001, true",
        "40P01, true",
        "55P03, true",
        "55006, true",
        "25006, true",
        "57014, false",
        "22P02, false",
        "54000, false",
        "23505, false",
        "28P01, false",
        "3D000, false",
        "42501, false",
        "42P01, false",
        "XX000, false"
    })
    void databases(String state, boolean passes) {
        SQLException failure = new SQLException("x", state);
        assertThat(Transient.is(failure)).isEqualTo(passes);
        assertThat(Transient.is(new IllegalStateException(failure))).isEqualTo(passes);
        assertThat(Transient.isOfTheData(new IllegalStateException(failure)))
                .isEqualTo(state.startsWith("22") || state.startsWith("23") || state.startsWith("54"));
    }

    @Test
    void poolsThatHaveNoConnection() {
        assertThat(Transient.is(new IllegalStateException(new SQLTransientConnectionException("no connection"))))
                .isTrue();
        assertThat(Transient.is(new SQLException("no state"))).isFalse();
    }

    @Test
    void kafka() {
        assertThat(Transient.is(new TimeoutException())).isTrue();
        assertThat(Transient.is(new FencedInstanceIdException("x"))).isTrue();
        assertThat(Transient.is(new IllegalStateException(new KafkaException("x"))))
                .isTrue();
        assertThat(Transient.is(new KafkaException(new ProducerFencedException("x"))))
                .isFalse();
        assertThat(Transient.is(new SaslAuthenticationException("x"))).isFalse();
        assertThat(Transient.is(new KafkaException(new TopicAuthorizationException("x"))))
                .isFalse();
        assertThat(Transient.is(new SerializationException())).isFalse();
        assertThat(Transient.is(new KafkaException("a processor", new NullPointerException())))
                .isFalse();
        assertThat(Transient.is(new KafkaException(
                        "a processor", new MillraceException(Category.EXTERNAL, "x", "y", new ConnectException()))))
                .isTrue();
    }

    @Test
    void own() {
        MillraceException gap = new MillraceException(Category.EXTERNAL, "a slot is gone", "y");
        assertThat(Transient.is(gap)).isFalse();
        assertThat(Transient.isOfAServer(new IllegalStateException(gap))).isTrue();
        assertThat(Transient.is(new MillraceException(Category.EXTERNAL, "x", "y", new ConnectException())))
                .isTrue();
        assertThat(Transient.isOfAServer(new MillraceException(Category.USER, "x", "y", new TimeoutException())))
                .isFalse();
        assertThat(Transient.is(new MillraceException(Category.USER, "x", "y", new TimeoutException())))
                .isFalse();
        assertThat(Transient.is(new NullPointerException())).isFalse();
        assertThat(Transient.is(null)).isFalse();
    }
}
