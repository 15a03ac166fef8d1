package io.millrace.demo.trade;

import java.util.function.Predicate;

/** What a user of the ERP does with one click; the weight says how often, beside the others. */
enum Event {
    ORDER(14, "sales", Selling::order),
    EDIT_ORDER(4, "sales", Selling::edit),
    CONFIRM_ORDER(13, "sales", Selling::confirm),
    PACK(4, "warehouse", Selling::pack),
    SHIP(14, "warehouse", Selling::ship),
    DELIVER(10, "warehouse", Selling::deliver),
    CANCEL_ORDER(1, "sales", Selling::cancel),
    DELETE_DRAFT(1, "sales", Selling::deleteDraft),
    INVOICE(12, "accountant", Billing::invoice),
    SEND_INVOICE(3, "accountant", Billing::send),
    MARK_OVERDUE(1, "accountant", Billing::markOverdue),
    RECEIVE_PAYMENT(14, "accountant", books -> Billing.receivePayment(books)),
    REVERSE_PAYMENT(1, "accountant", Billing::reversePayment),
    TAKE_BACK(2, "warehouse", Billing::takeBack),
    PURCHASE(4, "buyer", Purchasing::order),
    SUBMIT_PURCHASE(2, "buyer", Purchasing::submit),
    APPROVE_PURCHASE(4, "approver", Purchasing::approve),
    CANCEL_PURCHASE(1, "buyer", Purchasing::cancel),
    RECEIVE_GOODS(6, "warehouse", Purchasing::receive),
    GIVE_BACK(1, "warehouse", Purchasing::giveBack),
    ENTER_SUPPLIER_INVOICE(4, "accountant", Purchasing::enterInvoice),
    APPROVE_SUPPLIER_INVOICE(4, "approver", Purchasing::approveInvoice),
    PAY_SUPPLIER(2, "treasurer", Purchasing::pay),
    TRANSFER(6, "warehouse", books -> books.stock.transfer()),
    ADJUST(2, "warehouse", books -> books.stock.adjust()),
    EXPENSE(3, "accountant", books -> books.ledger.enterExpense()),
    CORRECT(1, "accountant", books -> books.ledger.correct()),
    NEW_CUSTOMER(1, "sales", MasterData::newCustomer),
    CHANGE_PRICE(2, "sales", MasterData::changePrice),
    EDIT_SUPPLIER(1, "buyer", MasterData::editSupplier);

    private static final int TOTAL_WEIGHT;

    static {
        int total = 0;
        for (Event event : values()) {
            total += event.weight;
        }
        TOTAL_WEIGHT = total;
    }

    private final int weight;
    private final String role;

    @SuppressWarnings("ImmutableEnumChecker") // method references without state
    private final Predicate<Books> action;

    Event(int weight, String role, Predicate<Books> action) {
        this.weight = weight;
        this.role = role;
        this.action = action;
    }

    static Event choose(Books books) {
        int ticket = books.random.nextInt(TOTAL_WEIGHT);
        for (Event event : values()) {
            ticket -= event.weight;
            if (ticket < 0) {
                return event;
            }
        }
        throw new IllegalStateException("weights changed");
    }

    String role() {
        return role;
    }

    /** Does it within the open transaction; false, with nothing changed, if there is nothing to do it to. */
    boolean happen(Books books) {
        return action.test(books);
    }
}
