package io.nextbestoffer.benchmark;

import java.util.Arrays;

/** What must come out: for each activity, by its id from 0, whose it is and which offer he gets. Not thread-safe. */
final class ExpectedOffers {
    private int[] customers;
    private byte[] offers;
    private int count;

    ExpectedOffers(int capacity) {
        customers = new int[capacity];
        offers = new byte[capacity];
    }

    /** @return the id of the activity */
    int add(int customer, int offer) {
        if (count == offers.length) {
            int capacity = Math.max(1024, count + count / 2);
            customers = Arrays.copyOf(customers, capacity);
            offers = Arrays.copyOf(offers, capacity);
        }
        customers[count] = customer;
        offers[count] = (byte) offer;
        return count++;
    }

    int count() {
        return count;
    }

    int customer(int activity) {
        return customers[activity];
    }

    int offer(int activity) {
        return offers[activity];
    }

    /** The id of the last activity of each customer, by his number; -1: he did nothing. */
    int[] lastOfEach(int customerCount) {
        int[] last = new int[customerCount + 1];
        Arrays.fill(last, -1);
        for (int activity = 0; activity < count; activity++) {
            last[customers[activity]] = activity;
        }
        return last;
    }
}
