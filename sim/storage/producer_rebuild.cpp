#include <algorithm>
#include <array>

#include "sim/storage/log_loader.h"

namespace bsim {
namespace {

// The offsets worth a snapshot: the last two segments and the end, so that a later truncation does
// not have to walk the whole log.
std::vector<Offset> offsets_to_snapshot(const LogSegments& segments, Offset up_to) {
    std::vector<Offset> offsets;
    const std::size_t count = segments.size();
    for (std::size_t i = count > 2 ? count - 2 : 0; i < count; ++i) {
        offsets.push_back(segments.at(i).base_offset());
    }
    offsets.push_back(up_to);
    return offsets;
}

Stored<Done> replay_segment(ProducerStateManager& producers,
                            const LogSegment& segment,
                            Offset from,
                            Offset up_to,
                            bool is_last) {
    std::int64_t to = segment.size();
    if (is_last) {
        BSIM_TRY(const auto end, segment.translate(up_to));
        if (end)
            to = end->position;
    }
    BSIM_TRY(const auto start, segment.translate(from));
    if (!start)
        return Done{};
    const auto replay = [&](const wire::BatchHeader& header, ByteView batch,
                            std::int64_t) -> Stored<bool> {
        if (const auto completed = replay_batch(producers, header, batch)) {
            producers.complete(*completed);
        }
        return true;
    };
    BSIM_TRY_VOID(segment.walk(start->position, to, replay));
    return Done{};
}

}  // namespace

std::optional<CompletedTxn> replay_batch(ProducerStateManager& producers,
                                         const wire::BatchHeader& header,
                                         ByteView batch) {
    if (!header.has_producer_id())
        return {};
    ProducerAppend append =
        producers.prepare(ProducerId(header.producer_id), AppendOrigin::Replication);
    const auto completed = append.append(header, batch, Offset(header.base_offset));
    if (!completed.ok())
        return {};
    producers.update(append);
    return *completed;
}

Stored<Done> rebuild_producer_state(ProducerStateManager& producers,
                                    const LogSegments& segments,
                                    const ProducerRebuild& rebuild) {
    const std::vector<Offset> wanted = offsets_to_snapshot(segments, rebuild.up_to);
    if (!producers.latest_snapshot() && rebuild.clean_shutdown) {
        // The first start of an old log: nothing is known, which the snapshots then say.
        for (const Offset offset : wanted) {
            producers.set_map_end(offset);
            BSIM_TRY_VOID(producers.take_snapshot(true));
        }
        return Done{};
    }
    const bool was_empty = producers.is_empty() && producers.map_end() >= rebuild.up_to;
    BSIM_TRY_VOID(producers.truncate_and_reload(rebuild.log_start, rebuild.up_to, rebuild.now));
    if (rebuild.up_to > producers.map_end() && !was_empty) {
        const auto last = segments.floor(rebuild.up_to);
        std::size_t i = segments.floor(producers.map_end()).value_or(0);
        for (; i < segments.size() && segments.at(i).base_offset() < rebuild.up_to; ++i) {
            const LogSegment& segment = segments.at(i);
            const Offset from =
                std::max({segment.base_offset(), producers.map_end(), rebuild.log_start});
            producers.set_map_end(from);
            if (std::find(wanted.begin(), wanted.end(), segment.base_offset()) != wanted.end()) {
                BSIM_TRY_VOID(producers.take_snapshot(true));
            }
            BSIM_TRY_VOID(
                replay_segment(producers, segment, from, rebuild.up_to, last && *last == i));
        }
    }
    producers.set_map_end(rebuild.up_to);
    BSIM_TRY_VOID(producers.take_snapshot(true));
    return Done{};
}

}  // namespace bsim
