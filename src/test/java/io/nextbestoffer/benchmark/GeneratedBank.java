package io.nextbestoffer.benchmark;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A generated bank, the same in each run: its customers, numbered from 1, and their activities.
 */
final class GeneratedBank {
    private static final long SEED = 20_261_121;
    private static final String[] TYPES = {"branch_visit", "deposit", "web_open", "mobile_open", "new_account"};
    private static final String[] FIRST_NAMES = {"Waylen", "Joell", "Ilaire", "Ana", "Bruno", "Chidi", "Dana", "Emre"};
    private static final String[] LAST_NAMES = {"Tubble", "Wilshin", "Latus", "Silva", "Keller", "Okafor", "Levi"};

    private final int[] incomes;
    private final int[] ficos;

    GeneratedBank(int customers) {
        SplittableRandom random = new SplittableRandom(SEED);
        incomes = new int[customers];
        ficos = new int[customers];
        for (int i = 0; i < customers; i++) {
            incomes[i] = random.nextInt(15_000, 250_001);
            ficos[i] = random.nextInt(300, 851);
        }
    }

    /**
     * An activity of a customer.
     *
     * @param customer numbered from 1
     */
    record Activity(int id, int customer, byte[] json) {
        byte[] key() {
            return GeneratedBank.key(customer);
        }
    }

    /** Generates activities, numbered from 0, and their expected offers. Not thread-safe. */
    final class Activities {
        private final SplittableRandom random = new SplittableRandom(SEED + 1);
        private final ExpectedOffers answers;

        private Activities(int capacity) {
            answers = new ExpectedOffers(capacity);
        }

        /** The next activity, of a customer drawn uniformly. */
        Activity next() {
            return of(1 + random.nextInt(incomes.length));
        }

        Activity of(int customer) {
            int hundredths = random.nextInt(101);
            int id = answers.add(customer, offer(customer, hundredths));
            // 198.18.0.0/15 is reserved for tests (RFC 2544).
            String json = "{\"activity_id\":" + id + ",\"customer_id\":" + customer + ",\"ip_address\":\"198."
                    + (18 + random.nextInt(2)) + "." + random.nextInt(256) + "." + random.nextInt(256)
                    + "\",\"activity_type\":\"" + TYPES[random.nextInt(TYPES.length)] + "\",\"propensity_to_buy\":"
                    + hundredths / 100.0 + "}";
            return new Activity(id, customer, utf8(json));
        }

        /** Expected offers for all activities so far. */
        ExpectedOffers answers() {
            return answers;
        }
    }

    /** @param expected likely number of activities */
    Activities activities(int expected) {
        return new Activities(expected);
    }

    int customers() {
        return incomes.length;
    }

    int income(int customer) {
        return incomes[customer - 1];
    }

    int fico(int customer) {
        return ficos[customer - 1];
    }

    static byte[] key(int customer) {
        return utf8(Integer.toString(customer));
    }

    /** The change event of a customer's insert, as written by Debezium without schema. */
    byte[] change(int customer, long timeMillis) {
        String first = FIRST_NAMES[customer % FIRST_NAMES.length];
        String last = LAST_NAMES[customer % LAST_NAMES.length];
        long lsn = 24_000_000L + customer * 312L;
        return utf8(String.format(Locale.ROOT, """
                {"before":null,"after":{"customer_id":%d,"first_name":"%s","last_name":"%s",\
                "email":"%s.%s%d@example.com","gender":"%s","income":%d,"fico":%d},\
                "source":{"version":"3.4.3.Final","connector":"postgresql","name":"bank","ts_ms":%d,\
                "snapshot":"false","db":"bank","sequence":"[null,\\"%d\\"]","ts_us":%d000,"ts_ns":%d000000,\
                "schema":"public","table":"customers","txId":%d,"lsn":%d,"xmin":null},\
                "transaction":null,"op":"c","ts_ms":%d,"ts_us":%d000,"ts_ns":%d000000}""", customer, first, last,
                first.toLowerCase(Locale.ROOT), last.toLowerCase(Locale.ROOT), customer,
                customer % 2 == 0 ? "Female" : "Male", incomes[customer - 1], ficos[customer - 1], timeMillis, lsn,
                timeMillis, timeMillis, 1000 + customer, lsn, timeMillis, timeMillis, timeMillis));
    }

    /** The rules, implemented independently of both contestants; the propensity is in hundredths to avoid rounding. */
    int offer(int customer, int hundredths) {
        int income = incomes[customer - 1];
        int fico = ficos[customer - 1];
        boolean willing = hundredths < 90;
        if (income > 100_000 && fico < 700 && willing) {
            return 1;
        }
        if (income < 50_000 && willing) {
            return 2;
        }
        if (income >= 50_000 && fico >= 600 && willing) {
            return 3;
        }
        if (income > 100_000 && fico >= 700 && willing) {
            return 4;
        }
        return 5;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
