// The fetching side of the lab: requests, answers, and what followers do with them.

#include <fmt/format.h>
#include <utility>

#include <gtest/gtest.h>

#include "tests/unit/protocol/replication_lab.h"

namespace bsim::replication {

using wire::ErrorCode;

namespace {

wire::FetchResponse::PartitionData refuse(ErrorCode error) {
    wire::FetchResponse::PartitionData data;
    data.error_code = static_cast<std::int16_t>(error);
    data.high_watermark = -1;
    return data;
}

}  // namespace

bool Lab::send_fetch(BrokerId id) {
    LabBroker& broker = at(id);
    if (!broker.running || !broker.fetcher)
        return false;
    NextFetch next = broker.fetcher->next_fetch(now, broker.epoch);
    if (auto* request = std::get_if<wire::FetchRequest>(&next)) {
        broker.fetch_request = std::move(*request);
        return true;
    }
    return false;
}

bool Lab::answer_fetch(BrokerId id) {
    LabBroker& broker = at(id);
    if (!broker.running || !broker.fetch_request)
        return false;
    LabBroker& source = at(*broker.source);
    if (!source.running)
        return lose_fetch(id);
    const auto request = *std::exchange(broker.fetch_request, std::nullopt);
    const FetchContext context = source.sessions->open(now, request, kReplicaFetchVersion);
    std::vector<FetchedPartition> results;
    for (const WantedPartition& part : context.partitions) {
        const BrokerEpoch epoch(request.replica_state.replica_epoch);
        results.push_back({part.tp, read(source, id, epoch, part.fetch)});
    }
    wire::FetchResponse response;
    source.sessions->respond(now, context, results, next_operation_++, response);
    broker.fetch_response = std::move(response);
    return true;
}

wire::FetchResponse::PartitionData Lab::read(LabBroker& source,
                                             BrokerId follower,
                                             std::optional<BrokerEpoch> epoch,
                                             const PartitionFetch& fetch) {
    if (!source.leader)
        return refuse(ErrorCode::NotLeaderOrFollower);
    const ErrorCode refused = source.leader->admit_follower(follower, fetch.current_leader_epoch);
    if (refused != ErrorCode::None)
        return refuse(refused);

    const FetchPosition position{fetch.fetch_offset, fetch.current_leader_epoch,
                                 fetch.last_fetched_epoch};
    const auto end = fetch.last_fetched_epoch ? source.log.end_offset_for(*fetch.last_fetched_epoch)
                                              : std::nullopt;
    const FetchVerdict verdict = source.leader->check_position(position, end);
    if (verdict.error != ErrorCode::None)
        return refuse(verdict.error);
    wire::FetchResponse::PartitionData data;
    data.high_watermark = source.log.hw.value();
    data.log_start_offset = source.log.start().value();
    if (verdict.diverging) {
        data.diverging_epoch.epoch = verdict.diverging->epoch.value();
        data.diverging_epoch.end_offset = verdict.diverging->end.value();
        return data;
    }
    data.records =
        source.log.read(fetch.fetch_offset, source.log.leo(), options_.records_per_fetch);
    LeaderEffects out;
    const ErrorCode stale = source.leader->follower_fetched(
        context(source), {follower, fetch.fetch_offset, *fetch.log_start, epoch, source.log.leo()},
        out);
    if (stale != ErrorCode::None)
        return refuse(stale);
    run(source, out);
    return data;
}

bool Lab::deliver_fetch(BrokerId id) {
    LabBroker& broker = at(id);
    if (!broker.running || !broker.fetch_response)
        return false;
    const auto response = *std::exchange(broker.fetch_response, std::nullopt);
    FetcherEffects out;
    broker.fetcher->fetch_answered(now, response, out);
    run(broker, out);
    return true;
}

bool Lab::lose_fetch(BrokerId id) {
    LabBroker& broker = at(id);
    if (!broker.running || (!broker.fetch_request && !broker.fetch_response))
        return false;
    broker.fetch_request.reset();
    broker.fetch_response.reset();
    broker.fetcher->fetch_failed(now);
    return true;
}

void Lab::run(LabBroker& broker, FetcherEffects& effects) {
    for (const FetcherEffect& effect : effects) {
        FetcherEffects next;
        run_one(broker, effect, next);
        run(broker, next);
    }
}

void Lab::run_one(LabBroker& broker, const FetcherEffect& effect, FetcherEffects& out) {
    Fetcher& fetcher = *broker.fetcher;
    FakeLog& log = broker.log;
    if (const auto* append = std::get_if<AppendFetched>(&effect.what)) {
        log.append_read(append->records);
        fetcher.appended(effect.tp, log.facts(), out);
    } else if (const auto* find = std::get_if<FindEpochEnd>(&effect.what)) {
        fetcher.epoch_end_found(effect.tp, log.end_offset_for(find->epoch), out);
    } else if (const auto* cut = std::get_if<TruncateTo>(&effect.what)) {
        if (cut->offset < log.leo()) {
            ++truncations;
            story.push_back(fmt::format("{} truncates {} to {}", broker.id.value(),
                                        log.leo().value(), cut->offset.value()));
            // A clean history never costs a follower what it knew to be committed.
            EXPECT_TRUE(unclean || cut->offset >= log.hw);
        }
        log.truncate_to(cut->offset);
        fetcher.truncated(effect.tp, log.facts());
    } else if (const auto* full = std::get_if<TruncateFullyAndStartAt>(&effect.what)) {
        story.push_back(
            fmt::format("{} starts anew at {}", broker.id.value(), full->offset.value()));
        log.truncate_fully(full->offset);
        fetcher.truncated(effect.tp, log.facts());
    } else if (const auto* hw = std::get_if<SetHw>(&effect.what)) {
        log.hw = hw->hw;
    } else if (const auto* start = std::get_if<RaiseLogStart>(&effect.what)) {
        log.raise_start(start->offset);
    } else if (std::holds_alternative<AskLeaderOffset>(effect.what)) {
        broker.question = effect;
    } else if (std::holds_alternative<StopFetching>(effect.what)) {
        story.push_back(fmt::format("{} stops fetching", broker.id.value()));
    }
}

bool Lab::answer_question(BrokerId id) {
    LabBroker& broker = at(id);
    if (!broker.running || !broker.question)
        return false;
    const FetcherEffect effect = *std::exchange(broker.question, std::nullopt);
    const auto& ask = std::get<AskLeaderOffset>(effect.what);
    const auto request = broker.fetcher->list_offsets(effect.tp, ask);
    EXPECT_EQ(request.replica_id, id.value());
    LabBroker& source = at(*broker.source);
    FetcherEffects out;
    ErrorCode error = ErrorCode::NotLeaderOrFollower;
    if (!source.running)
        error = ErrorCode::NetworkException;
    if (source.running && source.leader) {
        error = check_leader_epoch(ask.current_leader_epoch, source.leader->leader_epoch());
    }
    if (error != ErrorCode::None) {
        broker.fetcher->leader_edge_refused(now, effect.tp, error, out);
    } else {
        broker.fetcher->leader_edge_found(
            effect.tp, ask.edge == LogEdge::Latest ? source.log.leo() : source.log.start(), out);
    }
    run(broker, out);
    return true;
}

}  // namespace bsim::replication
