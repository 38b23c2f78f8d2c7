/** What is under {@code deploy}: manifests, change data capture, rules and dashboard. */
package io.nextbestoffer.kubernetes;
