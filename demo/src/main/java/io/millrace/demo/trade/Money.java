package io.millrace.demo.trade;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Amounts, rounded half up to cents as Postgres rounds numerics. */
final class Money {
    static final BigDecimal ZERO = new BigDecimal("0.00");
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    private Money() {}

    static BigDecimal round(BigDecimal amount) {
        return amount.setScale(2, RoundingMode.HALF_UP);
    }

    static BigDecimal amount(BigDecimal quantity, BigDecimal unitPrice) {
        return round(quantity.multiply(unitPrice));
    }

    static BigDecimal amount(BigDecimal quantity, BigDecimal unitPrice, BigDecimal discountPercent) {
        return round(quantity.multiply(unitPrice)
                .multiply(HUNDRED.subtract(discountPercent))
                .divide(HUNDRED));
    }

    static BigDecimal percent(BigDecimal amount, BigDecimal percent) {
        return round(amount.multiply(percent).divide(HUNDRED));
    }
}
