package io.nextbestoffer.benchmark;

import java.util.Arrays;

/** The expected output: customer and offer for each activity, by its id from 0. Not thread-safe. */
final class ExpectedOffers {
    private int[] customers;
    private byte[] offers;
    private int count;

    ExpectedOffers(int capacity) {
        customers = new int[capacity];
        offers = new byte[capacity];
    }

    /** Adds an activity, and returns its id. */
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

    /** The id of the last activity of each customer, by the customer's number; -1 without any activity. */
    int[] lastOfEach(int customerCount) {
        int[] last = new int[customerCount + 1];
        Arrays.fill(last, -1);
        for (int activity = 0; activity < count; activity++) {
            last[customers[activity]] = activity;
        }
        return last;
    }
}
