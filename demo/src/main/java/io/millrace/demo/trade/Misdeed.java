package io.millrace.demo.trade;

import java.util.Map;
import java.util.function.Function;

/**
 * What a control of the catalog is to find: for each control, clicks that violate it and clicks that come close. The names are
 * those of the controls.
 */
enum Misdeed {
    SELF_APPROVAL(Misdeeds::selfApproval, Misdeeds::approvalByAnother),
    SEGREGATION_OF_DUTIES(Misdeeds::conflictingRoles, Misdeeds::harmlessRoles),
    THREE_WAY_MATCH(Misdeeds::dearerThanOrdered, Misdeeds::alittleDearer),
    DUPLICATE_SUPPLIER_INVOICE(Misdeeds::invoicedTwice, Misdeeds::sameNumberOfAnother),
    DUPLICATE_PAYMENT(Misdeeds::paidTwice, Misdeeds::paidInHalves),
    APPROVAL_LIMIT_SPLITTING(Misdeeds::splitOrder, Misdeeds::twoSuppliers),
    CREDIT_LIMIT(Misdeeds::overCredit, Misdeeds::creditUsedUp),
    NEGATIVE_STOCK(Misdeeds::moreThanThere, Misdeeds::allThatWasThere),
    STOCK_DIFFERS_FROM_MOVEMENTS(Misdeeds::levelWithoutMovement, Misdeeds::levelThenMovement),
    INVOICE_DIFFERS_FROM_LINES(Misdeeds::wrongNet, Misdeeds::netOfTwoLines),
    UNBALANCED_JOURNAL_ENTRY(Misdeeds::unbalanced, Misdeeds::balancedAtTheEnd),
    POSTING_TO_CLOSED_PERIOD(Misdeeds::postedAfterClosing, Misdeeds::postedBeforeClosing),
    BACK_DATING(Misdeeds::sixDaysBack, Misdeeds::fiveDaysBack),
    BANK_DETAILS_CHANGED_BEFORE_PAYMENT(Misdeeds::paidToNewAccount, Misdeeds::paidDaysLater),
    PAYMENT_TO_INACTIVE_SUPPLIER(Misdeeds::paidInactive, Misdeeds::paidThenInactive),
    DISCOUNT_BEYOND_LIMIT(Misdeeds::largeDiscount, Misdeeds::largestDiscount),
    PRIVILEGED_ROLE_GRANTED(Misdeeds::madeTreasurer, Misdeeds::madeSeller),
    DORMANT_USER_ACTIVE(Misdeeds::dormantPosts, Misdeeds::rareUserPosts),
    MASS_DELETION(Misdeeds::deletesMany, Misdeeds::deletesSome),
    AFTER_HOURS_CHANGE(Misdeeds::changesAtNight, Misdeeds::changesByDay);

    @SuppressWarnings("ImmutableEnumChecker") // method references without state
    private final Function<Clicks, Map<String, Object>> violation;

    @SuppressWarnings("ImmutableEnumChecker")
    private final java.util.function.Consumer<Clicks> close;

    Misdeed(Function<Clicks, Map<String, Object>> violation, java.util.function.Consumer<Clicks> close) {
        this.violation = violation;
        this.close = close;
    }

    /** Violates the control with the last of its clicks; returns the violation's key. */
    Map<String, Object> happen(Clicks clicks) {
        return violation.apply(clicks);
    }

    /** Comes close to violating it. */
    void almost(Clicks clicks) {
        close.accept(clicks);
    }
}
