/** Tests of the files under {@code deploy}: manifests, change data capture, alerts and dashboard. */
package io.nextbestoffer.kubernetes;
