/**
 * Runs a real broker, Postgres and Debezium without Docker, for the one-command sandbox and for the tests.
 */
package io.nextbestoffer.sandbox;
