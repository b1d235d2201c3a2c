#pragma once
// Which kinds of faults this program can carry out: one row each.

#include <memory>
#include <span>
#include <string_view>

#include "sim/world/fault_strike.h"

namespace bsim {

using MakeStrike = std::shared_ptr<Strike> (*)(FaultStage&, RngStream& draws, const FaultSpec&);

struct FaultRow {
    std::string_view kind;
    MakeStrike make = nullptr;
};

// The parser refuses kinds that have no row here.
std::span<const FaultRow> fault_table();

// In fault_crash.cpp and its neighbours.
std::shared_ptr<Strike> make_crash(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
std::shared_ptr<Strike> make_wipe(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
std::shared_ptr<Strike> make_pause(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
std::shared_ptr<Strike> make_rolling_restart(FaultStage& stage,
                                             RngStream& draws,
                                             const FaultSpec& fault);
std::shared_ptr<Strike> make_partition(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
// net-slow and the others that change what happens to packets.
std::shared_ptr<Strike> make_packets(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
std::shared_ptr<Strike> make_net_reset(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
// message-hold, message-drop, message-delay, response-drop.
std::shared_ptr<Strike> make_message(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
std::shared_ptr<Strike> make_api_error(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
std::shared_ptr<Strike> make_broker_add(FaultStage& stage,
                                        RngStream& draws,
                                        const FaultSpec& fault);
std::shared_ptr<Strike> make_cpu_slow(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
std::shared_ptr<Strike> make_disk_slow(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
std::shared_ptr<Strike> make_disk_stall(FaultStage& stage,
                                        RngStream& draws,
                                        const FaultSpec& fault);
std::shared_ptr<Strike> make_clock(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
std::shared_ptr<Strike> make_member_churn(FaultStage& stage,
                                          RngStream& draws,
                                          const FaultSpec& fault);
// consumer-slow, traffic-burst, hot-key.
std::shared_ptr<Strike> make_client(FaultStage& stage, RngStream& draws, const FaultSpec& fault);
// Everything that goes through the admin client.
std::shared_ptr<Strike> make_admin(FaultStage& stage, RngStream& draws, const FaultSpec& fault);

}  // namespace bsim
