// Kafka 3.9.1: the security settings that producers and consumers share. Ascending by name.

#include "sim/model/config_table.h"

namespace bsim {
namespace {

using namespace config_rows;

// clang-format off
constexpr ConfigDef kRows[] = {
    {"sasl.client.callback.handler.class", T::Class, kNone, any(), NoEffect},
    {"sasl.jaas.config", T::Password, kNone, any(), NoEffect},
    {"sasl.kerberos.kinit.cmd", T::String, "/usr/bin/kinit", any(), NoEffect},
    {"sasl.kerberos.min.time.before.relogin", T::Long, "60000", any(), NoEffect},
    {"sasl.kerberos.service.name", T::String, kNone, any(), NoEffect},
    {"sasl.kerberos.ticket.renew.jitter", T::Double, "0.05", any(), NoEffect},
    {"sasl.kerberos.ticket.renew.window.factor", T::Double, "0.8", any(), NoEffect},
    {"sasl.login.callback.handler.class", T::Class, kNone, any(), NoEffect},
    {"sasl.login.class", T::Class, kNone, any(), NoEffect},
    {"sasl.login.connect.timeout.ms", T::Int, kNone, any(), NoEffect},
    {"sasl.login.read.timeout.ms", T::Int, kNone, any(), NoEffect},
    {"sasl.login.refresh.buffer.seconds", T::Short, "300", range("0", "3600"), NoEffect},
    {"sasl.login.refresh.min.period.seconds", T::Short, "60", range("0", "900"), NoEffect},
    {"sasl.login.refresh.window.factor", T::Double, "0.8", range("0.5", "1.0"), NoEffect},
    {"sasl.login.refresh.window.jitter", T::Double, "0.05", range("0.0", "0.25"), NoEffect},
    {"sasl.login.retry.backoff.max.ms", T::Long, "10000", any(), NoEffect},
    {"sasl.login.retry.backoff.ms", T::Long, "100", any(), NoEffect},
    {"sasl.mechanism", T::String, "GSSAPI", any(), NoEffect},
    {"sasl.oauthbearer.clock.skew.seconds", T::Int, "30", any(), NoEffect},
    {"sasl.oauthbearer.expected.audience", T::List, kNone, any(), NoEffect},
    {"sasl.oauthbearer.expected.issuer", T::String, kNone, any(), NoEffect},
    {"sasl.oauthbearer.header.urlencode", T::Boolean, "false", any(), NoEffect},
    {"sasl.oauthbearer.jwks.endpoint.refresh.ms", T::Long, "3600000", any(), NoEffect},
    {"sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", T::Long, "10000", any(), NoEffect},
    {"sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", T::Long, "100", any(), NoEffect},
    {"sasl.oauthbearer.jwks.endpoint.url", T::String, kNone, any(), NoEffect},
    {"sasl.oauthbearer.scope.claim.name", T::String, "scope", any(), NoEffect},
    {"sasl.oauthbearer.sub.claim.name", T::String, "sub", any(), NoEffect},
    {"sasl.oauthbearer.token.endpoint.url", T::String, kNone, any(), NoEffect},
    {"security.protocol", T::String, "PLAINTEXT",
     no_case("SASL_SSL, PLAINTEXT, SSL, SASL_PLAINTEXT"), NoEffect},
    {"security.providers", T::String, kNone, any(), NoEffect},
    {"ssl.cipher.suites", T::List, kNone, any(), NoEffect},
    {"ssl.enabled.protocols", T::List, "TLSv1.2,TLSv1.3", any(), NoEffect},
    {"ssl.endpoint.identification.algorithm", T::String, "https", any(), NoEffect},
    {"ssl.engine.factory.class", T::Class, kNone, any(), NoEffect},
    {"ssl.key.password", T::Password, kNone, any(), NoEffect},
    {"ssl.keymanager.algorithm", T::String, "SunX509", any(), NoEffect},
    {"ssl.keystore.certificate.chain", T::Password, kNone, any(), NoEffect},
    {"ssl.keystore.key", T::Password, kNone, any(), NoEffect},
    {"ssl.keystore.location", T::String, kNone, any(), NoEffect},
    {"ssl.keystore.password", T::Password, kNone, any(), NoEffect},
    {"ssl.keystore.type", T::String, "JKS", any(), NoEffect},
    {"ssl.protocol", T::String, "TLSv1.3", any(), NoEffect},
    {"ssl.provider", T::String, kNone, any(), NoEffect},
    {"ssl.secure.random.implementation", T::String, kNone, any(), NoEffect},
    {"ssl.trustmanager.algorithm", T::String, "PKIX", any(), NoEffect},
    {"ssl.truststore.certificates", T::Password, kNone, any(), NoEffect},
    {"ssl.truststore.location", T::String, kNone, any(), NoEffect},
    {"ssl.truststore.password", T::Password, kNone, any(), NoEffect},
    {"ssl.truststore.type", T::String, "JKS", any(), NoEffect},
};
// clang-format on

}  // namespace

std::span<const ConfigDef> config_rows::client_security_rows() {
    return kRows;
}

}  // namespace bsim
