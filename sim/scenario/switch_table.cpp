#include "sim/scenario/switch_table.h"

#include <algorithm>

#include "sim/scenario/fields.h"

namespace bsim {
namespace {

template <bool Switches::*Member>
void set_bool(Switches& out, std::string_view word) {
    out.*Member = word == "on";
}

void set_truncation(Switches& out, std::string_view word) {
    out.truncation = word == "high_watermark" ? Switches::Truncation::ByHighWatermark
                                              : Switches::Truncation::ByLeaderEpoch;
}

void set_commit_fencing(Switches& out, std::string_view word) {
    out.commit_fencing =
        word == "none" ? Switches::CommitFencing::None : Switches::CommitFencing::Generation;
}

void set_offsets_load(Switches& out, std::string_view word) {
    out.offsets_load =
        word == "partial" ? Switches::OffsetsLoad::Partial : Switches::OffsetsLoad::Full;
}

void set_commit_ack(Switches& out, std::string_view word) {
    out.commit_ack = word == "leader" ? Switches::CommitAck::Leader : Switches::CommitAck::Isr;
}

// clang-format off
constexpr SwitchRow kRows[] = {
    {"pre_vote", "", "off", set_bool<&Switches::pre_vote>},
    {"leader_resign_on_no_fetch", "", "on", set_bool<&Switches::leader_resign_on_no_fetch>},
    {"commit_own_epoch_only", "", "on", set_bool<&Switches::commit_own_epoch_only>},
    {"persist_vote", "", "on", set_bool<&Switches::persist_vote>},
    {"truncation", "high_watermark leader_epoch", "leader_epoch", set_truncation},
    {"consumer_truncation_check", "", "on", set_bool<&Switches::consumer_truncation_check>},
    {"commit_fencing", "none generation", "generation", set_commit_fencing},
    {"require_member_id", "", "on", set_bool<&Switches::require_member_id>},
    {"offsets_load", "full partial", "full", set_offsets_load},
    {"commit_ack", "leader isr", "isr", set_commit_ack},

    {"epoch_reply", "next_epoch_start largest_leq_iterative", "largest_leq_iterative"},
    {"fetch_epoch_fencing", "", "on"},
    {"truncate_on_every_epoch", "", "on"},
    {"truncate_before_hw", "", "on"},
    {"elr", "", "off"},
    {"broker_epoch_check", "", "on"},
    {"fenced_isr_check", "", "on"},
    {"controller_epoch_fencing", "", "on"},
    {"broker_generation", "", "on"},
    {"isr_for_hw", "committed maximal", "maximal"},
    {"isr_join_requires_epoch_start", "", "on"},
    {"cached_version_recovery", "", "on"},
    {"leader_epoch_in_produce_path", "", "on"},
    {"txn_version", "1 verify 2", ""},
    {"producer_epoch_bump", "", "on"},
    {"expire_uses_marker_ts", "", "on"},
    {"delete_horizon", "segment_mtime batch", "batch"},
    {"coordinated_compaction", "", "off"},
    {"retention_clock", "", ""},
    {"directory_id", "", "off"},
    {"learner_sync", "range_only trunc_aware", "trunc_aware"},
    {"reload_db_on_election", "", "on"},
    {"fail_stop_on_txnlog_error", "", "on"},
    {"newleader_order", "epoch_first log_then_epoch", ""},
    {"ack_after_fsync", "", "on"},
    {"leader_quit_early", "", ""},
    {"finalize_wait_ms", "#", ""},
    {"reclaim_own_ephemeral", "", "on"},
    {"fencing_token", "", "off"},
    {"flush_on_roll", "inline async", "async"},
    {"preferred_election", "burst gated", "burst"},
    {"recovery", "trust_size crc_scan", "crc_scan"},
    {"index_rebuild", "", "on"},
    {"report_offline_dirs", "", "on"},
    {"fence_append_after_io_error", "", "on"},
};
// clang-format on

}  // namespace

std::span<const SwitchRow> all_switches() {
    return kRows;
}

const SwitchRow* find_switch(std::string_view name) {
    const auto* const at = std::find_if(std::begin(kRows), std::end(kRows),
                                        [&](const SwitchRow& row) { return row.name == name; });
    return at == std::end(kRows) ? nullptr : at;
}

bool is_number(const SwitchRow& row) {
    return row.words == "#";
}

std::vector<std::string_view> words_of(const SwitchRow& row) {
    return split_words(row.words.empty() ? "on off" : row.words);
}

}  // namespace bsim
