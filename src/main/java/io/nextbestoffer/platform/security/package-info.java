/** Authentication of callers by bearer tokens, and the identity for the audit trail. */
@NullMarked
package io.nextbestoffer.platform.security;

import org.jspecify.annotations.NullMarked;
