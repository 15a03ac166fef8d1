/** Those who take mail: SMTP, SendGrid, Resend; what their answers mean. */
@org.jspecify.annotations.NullMarked
package io.millrace.notifications.provider;
