package io.millrace.monitoring.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.monitoring.LagReport;
import io.millrace.monitoring.collect.Stages;
import io.millrace.monitoring.lag.State;
import io.millrace.schemas.SourceName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DirectAlarmTest {
    private static final Instant START = Instant.parse("2026-11-27T03:00:00Z");
    private static final String KAFKA = "Kafka is unreachable: no answer from 10.0.0.1:9092";

    private final List<DirectAlarm.Message> told = new ArrayList<>();
    private boolean away;
    private final DirectAlarm alarm =
            new DirectAlarm(new SourceName("erp"), Duration.ofSeconds(60), message -> !away && told.add(message));

    private static LagReport.Stage stage(String name, State state, String cause) {
        return new LagReport.Stage(name, "", state, 0, 0, "records", 0, null, START, cause);
    }

    private boolean look(int second, LagReport.Stage... stages) {
        return alarm.look(new LagReport(START.plusSeconds(second), "verdict", List.of(), List.of(stages)));
    }

    @Test
    void stopOfKafka_isOneMessageThatNamesTheCause_andOneWhenItIsOver() {
        for (int second = 0; second < 600; second++) {
            look(
                    second,
                    stage(Stages.CAPTURE, State.STOPPED, "the slot is idle"),
                    stage(Stages.ALERTS, State.UNKNOWN, KAFKA),
                    stage(Stages.MAIL_INTAKE, State.UNKNOWN, KAFKA),
                    stage(Stages.MAIL, State.OK, ""));
        }
        assertThat(told).singleElement().satisfies(message -> {
            assertThat(message.stuck()).isTrue();
            assertThat(message.subject()).isEqualTo("[high] Millrace: alerts of source erp do not move: " + KAFKA);
            assertThat(message.text())
                    .contains("do not move since 2026-11-27T03:00:00Z", "mail intake", "capture", "the slot is idle")
                    .doesNotContain("mail           ");
        });
        assertThat(look(599, stage(Stages.ALERTS, State.UNKNOWN, KAFKA))).isTrue();
        look(600, stage(Stages.ALERTS, State.CATCHING_UP, ""), stage(Stages.MAIL_INTAKE, State.OK, ""));
        assertThat(look(601, stage(Stages.ALERTS, State.OK, ""), stage(Stages.MAIL_INTAKE, State.OK, "")))
                .isFalse();
        assertThat(told).hasSize(2);
        assertThat(told.getLast().stuck()).isFalse();
        assertThat(told.getLast().text()).contains("after 10 minutes");
    }

    @Test
    void whatIsShort_orLate_orNotOnTheWayOfAlerts_isLeftToTheAlerts() {
        for (int second = 0; second < 600; second++) {
            boolean blink = second % 50 == 0;
            look(
                    second,
                    stage(Stages.ALERTS, blink ? State.OK : State.STALLED, "x"),
                    stage(Stages.MAIL, State.LAGGING, "slow"),
                    stage(Stages.SINK, State.STOPPED, "nobody"));
        }
        assertThat(told).isEmpty();
    }

    @Test
    void whatNobodyCouldBeTold_isToldLater_andAnEndThatNobodyHeardOfToo() {
        away = true;
        for (int second = 0; second < 200; second++) {
            look(second, stage(Stages.MAIL, State.STALLED, "the providers"));
        }
        assertThat(told).isEmpty();
        away = false;
        for (int second = 200; second < 240; second++) {
            look(second, stage(Stages.MAIL, State.STALLED, "the providers"));
        }
        assertThat(told).hasSize(1);
        away = true;
        look(240, stage(Stages.MAIL, State.OK, ""));
        away = false;
        for (int second = 241; second < 300; second++) {
            look(second, stage(Stages.MAIL, State.OK, ""));
        }
        assertThat(told).hasSize(2);
        // It is another one that comes later.
        for (int second = 300; second < 400; second++) {
            look(second, stage(Stages.MAIL, State.STOPPED, "again"));
        }
        assertThat(told).hasSize(3);
        assertThat(told.getLast().text()).contains("do not move since 2026-11-27T03:05:00Z");
    }
}
