#include "sim/protocol/lifecycle/controller_registrar.h"

namespace bsim::lifecycle {
namespace {

constexpr ExponentialBackoff kResend{milliseconds(100), milliseconds(120'000), 20};

}  // namespace

void ControllerRegistrar::step(const RegistrarContext& context,
                               const RegistrarInput& in,
                               RegistrarEffects& out) {
    if (const auto* published = std::get_if<MetadataPublished>(&in)) {
        supported_ = published->registrations_supported;
        registered_ = published->registered == incarnation_;
        ask(out);
    } else if (const auto* answered = std::get_if<RegistrarAnswered>(&in)) {
        if (answered->error != wire::ErrorCode::None)
            return fail(context, out);
        under_way_ = false;
        failures_ = 0;
    } else if (std::holds_alternative<RegistrarGaveUp>(in)) {
        fail(context, out);
    } else {
        ask(out);
    }
}

void ControllerRegistrar::ask(RegistrarEffects& out) {
    if (!supported_ || registered_ || under_way_)
        return;
    under_way_ = true;
    out.push_back(SendControllerRegistration{});
}

void ControllerRegistrar::fail(const RegistrarContext& context, RegistrarEffects& out) {
    under_way_ = false;
    out.push_back(ArmRegistrarTimer{context.now + kResend.after(failures_++, context.draw)});
}

}  // namespace bsim::lifecycle
