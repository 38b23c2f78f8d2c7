/**
 * A real broker, a real Postgres and a real Debezium without Docker, for the one-command sandbox and for the tests.
 */
package io.nextbestoffer.sandbox;
