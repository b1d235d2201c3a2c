#include "sim/world/fault_table.h"

namespace bsim {
namespace {

constexpr FaultRow kRows[] = {
    {"crash", make_crash},
    {"pause", make_pause},
    {"gc-pause", make_pause},
    {"rolling-restart", make_rolling_restart},
    {"partition", make_partition},
    {"net-flap", make_partition},
    {"zombie", make_partition},
    {"broker-add", make_broker_add},
    {"topic-create", make_admin},
    {"topic-delete", make_admin},
    {"elect-preferred", make_admin},
    {"elect-unclean", make_admin},
    {"net-slow", make_packets},
    {"net-loss", make_packets},
    {"net-duplicate", make_packets},
    {"net-reorder", make_packets},
    {"net-corrupt", make_packets},
    {"net-bandwidth", make_packets},
    {"net-reset", make_net_reset},
    {"message-hold", make_message},
    {"message-drop", make_message},
    {"message-delay", make_message},
    {"partitions-add", make_admin},
    {"config-change", make_admin},
    {"wipe", make_wipe},
    {"cpu-slow", make_cpu_slow},
    {"disk-slow", make_disk_slow},
    {"disk-stall", make_disk_stall},
    {"clock-skew", make_clock},
    {"clock-jump", make_clock},
    {"clock-drift", make_clock},
    {"clock-freeze", make_clock},
    {"member-churn", make_member_churn},
    {"consumer-slow", make_client},
    {"traffic-burst", make_client},
    {"hot-key", make_client},
    {"api-error", make_api_error},
    {"response-drop", make_message},
};

}  // namespace

std::span<const FaultRow> fault_table() {
    return kRows;
}

}  // namespace bsim
