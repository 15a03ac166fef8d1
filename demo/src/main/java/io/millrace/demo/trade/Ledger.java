package io.millrace.demo.trade;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Journal entries. */
final class Ledger {
    static final String BANK = "1000";
    static final String RECEIVABLES = "1100";
    static final String INVENTORY = "1200";
    static final String INPUT_TAX = "1300";
    static final String PAYABLES = "2000";
    static final String GOODS_RECEIVED_NOT_INVOICED = "2100";
    static final String OUTPUT_TAX = "2200";
    static final String EQUITY = "3000";
    static final String SALES = "4000";
    static final String SALES_RETURNS = "4100";
    static final String COST_OF_GOODS_SOLD = "5000";
    static final String PURCHASE_PRICE_VARIANCE = "5100";
    static final String INVENTORY_ADJUSTMENTS = "5200";
    static final String EXPENSES = "6000";

    private final Books books;

    /** @param debit negative for a credit */
    record Posting(
            String account,
            BigDecimal debit,
            @Nullable String partyType,
            @Nullable Long party) {
        static Posting debit(String account, BigDecimal amount) {
            return new Posting(account, amount, null, null);
        }

        static Posting credit(String account, BigDecimal amount) {
            return new Posting(account, amount.negate(), null, null);
        }

        Posting of(String type, long id) {
            return new Posting(account, debit, type, id);
        }
    }

    Ledger(Books books) {
        this.books = books;
    }

    /** Posts an entry today; postings of nothing are left out, and an entry of nothing too. */
    void post(String sourceType, @Nullable Long sourceId, @Nullable String memo, Posting... postings) {
        post(sourceType, sourceId, memo, null, List.of(postings));
    }

    private void post(
            String sourceType,
            @Nullable Long sourceId,
            @Nullable String memo,
            @Nullable Long reverses,
            List<Posting> postings) {
        List<@Nullable Object[]> lines = new ArrayList<>();
        BigDecimal sum = Money.ZERO;
        long id = books.lastId("journal_entry") + 1;
        for (Posting posting : postings) {
            sum = sum.add(posting.debit);
            if (posting.debit.signum() != 0) {
                lines.add(new @Nullable Object[] {
                    books.tenant,
                    id,
                    lines.size() + 1,
                    posting.account,
                    posting.debit.max(Money.ZERO),
                    posting.debit.negate().max(Money.ZERO),
                    posting.partyType,
                    posting.party
                });
            }
        }
        if (sum.signum() != 0) {
            throw new IllegalStateException("an entry that does not balance: " + postings);
        }
        if (lines.isEmpty()) {
            return;
        }
        books.execute(
                "INSERT INTO journal_entry (tenant_id, id, number, entry_date, period, source_type, source_id, memo, status,"
                        + " reverses_id, posted_by, posted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'posted', ?, ?, ?)",
                books.tenant,
                books.nextId("journal_entry"),
                "JE-" + id,
                books.today(),
                books.today().withDayOfMonth(1),
                sourceType,
                sourceId,
                memo,
                reverses,
                books.user(),
                books.now());
        books.executeAll(
                "INSERT INTO journal_entry_line (tenant_id, entry_id, line_no, account_code, debit, credit, party_type, party_id)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                lines);
    }

    /** An expense, entered by hand. */
    boolean enterExpense() {
        BigDecimal amount = BigDecimal.valueOf(books.random.nextLong(1_000, 200_000), 2);
        post(
                "manual",
                null,
                books.chance(50) ? "office supplies" : "travel",
                Posting.debit(EXPENSES, amount),
                Posting.credit(BANK, amount));
        return true;
    }

    /** Reverses an entry made by hand, with its mirror. */
    boolean correct() {
        Long entry =
                books.newest("journal_entry", "source_type = 'manual' AND status = 'posted' AND reverses_id IS NULL");
        if (entry == null) {
            return false;
        }
        List<Posting> mirrored = new ArrayList<>();
        for (Map<String, Object> line : books.rows(
                "SELECT account_code, credit - debit AS mirrored FROM journal_entry_line WHERE tenant_id = ? AND entry_id = ?"
                        + " ORDER BY line_no",
                books.tenant,
                entry)) {
            mirrored.add(Posting.debit(Books.text(line, "account_code"), Books.decimal(line, "mirrored")));
        }
        books.execute(
                "UPDATE journal_entry SET status = 'reversed' WHERE tenant_id = ? AND id = ?", books.tenant, entry);
        post("manual", null, "correction of JE-" + entry, entry, mirrored);
        return true;
    }
}
