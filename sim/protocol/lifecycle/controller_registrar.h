#pragma once
// How a controller, active or not, gets its own registration into the metadata log: it asks the
// active controller until the log holds a registration with this life's incarnation id.
//
// It asks when it has started and the metadata version allows registrations, again whenever the
// metadata shows another incarnation or none, and after a failure 100 ms x 2^n +-2 %, at most two
// minutes, later. One request is under way at a time. After a success it waits for the log.
// Requires a ControllerChannel with a retry timeout of 5 s. Absent: ZooKeeper migration.
// Source: ControllerRegistrationManager (3.9); KIP-919.

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "sim/base/backoff.h"
#include "sim/base/time.h"
#include "sim/base/uuid.h"
#include "sim/wire/error_code.h"

namespace bsim::lifecycle {

struct RegistrarContext {
    SimTime now;
    std::uint64_t draw = 0;  // uniform over 64 bits
};

// ---- inputs ----
struct MetadataPublished {
    bool registrations_supported = false;  // metadata.version is 3.7-IV0 or later
    std::optional<Uuid> registered;        // the incarnation that the log holds for this node

    bool operator==(const MetadataPublished&) const = default;
};
struct RegistrarAnswered {
    wire::ErrorCode error = wire::ErrorCode::None;
};
struct RegistrarGaveUp {};  // the channel's retry timeout passed
struct RegistrarTimerFired {};

using RegistrarInput =
    std::variant<MetadataPublished, RegistrarAnswered, RegistrarGaveUp, RegistrarTimerFired>;

// ---- effects ----
struct SendControllerRegistration {
    bool operator==(const SendControllerRegistration&) const = default;
};
struct ArmRegistrarTimer {
    SimTime at;
    bool operator==(const ArmRegistrarTimer&) const = default;
};

using RegistrarEffect = std::variant<SendControllerRegistration, ArmRegistrarTimer>;
using RegistrarEffects = std::vector<RegistrarEffect>;

class ControllerRegistrar {
  public:
    explicit ControllerRegistrar(const Uuid& incarnation) : incarnation_(incarnation) {}

    void step(const RegistrarContext& context, const RegistrarInput& in, RegistrarEffects& out);

    bool registered() const { return registered_; }

  private:
    void ask(RegistrarEffects& out);
    void fail(const RegistrarContext& context, RegistrarEffects& out);

    Uuid incarnation_;
    bool supported_ = false;
    bool registered_ = false;
    bool under_way_ = false;
    std::int64_t failures_ = 0;
};

}  // namespace bsim::lifecycle
