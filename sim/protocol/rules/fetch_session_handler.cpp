#include "sim/protocol/rules/fetch_session_handler.h"

#include <algorithm>

namespace bsim {

using wire::ErrorCode;

namespace {

constexpr std::int32_t kFirstEpoch = 1;

std::int32_t next_epoch(std::int32_t epoch) {
    return epoch == INT32_MAX ? kFirstEpoch : epoch + 1;
}

void put(const TopicIdPartition& tp, const PartitionFetch& fetch, wire::FetchRequest& request) {
    if (request.topics.empty() || request.topics.back().topic_id != tp.topic_id) {
        request.topics.emplace_back().topic_id = tp.topic_id;
    }
    auto& part = request.topics.back().partitions.emplace_back();
    part.partition = tp.partition.value();
    part.fetch_offset = fetch.fetch_offset.value();
    part.partition_max_bytes = fetch.max_bytes;
    if (fetch.log_start)
        part.log_start_offset = fetch.log_start->value();
    if (fetch.current_leader_epoch) {
        part.current_leader_epoch = fetch.current_leader_epoch->value();
    }
    if (fetch.last_fetched_epoch)
        part.last_fetched_epoch = fetch.last_fetched_epoch->value();
}

void put_forgotten(const TopicIdPartition& tp, wire::FetchRequest& request) {
    auto& topics = request.forgotten_topics_data;
    if (topics.empty() || topics.back().topic_id != tp.topic_id) {
        topics.emplace_back().topic_id = tp.topic_id;
    }
    topics.back().partitions.push_back(tp.partition.value());
}

}  // namespace

bool FetchSessionHandler::build(std::span<const WantedPartition> wanted,
                                wire::FetchRequest& request) {
    const bool incremental = !full();
    ++round_;
    for (const WantedPartition& want : wanted) {
        const auto [at, added] = members_.try_emplace(want.tp);
        Member& member = at->second;
        member.round = round_;
        if (incremental && !added && member.fetch == want.fetch)
            continue;
        member.fetch = want.fetch;
        put(want.tp, want.fetch, request);
    }
    if (members_.size() > wanted.size()) {
        std::erase_if(members_, [&](const auto& entry) {
            if (entry.second.round == round_)
                return false;
            if (incremental)
                put_forgotten(entry.first, request);
            return true;
        });
    }
    request.session_id = session_id_;
    request.session_epoch = session_epoch_;
    return !members_.empty() || !request.forgotten_topics_data.empty();
}

bool FetchSessionHandler::fits(const wire::FetchResponse& response) const {
    std::size_t named = 0;
    for (const auto& topic : response.responses) {
        for (const auto& part : topic.partitions) {
            const TopicIdPartition tp{topic.topic_id, PartitionIndex(part.partition_index)};
            if (!members_.contains(tp))
                return false;
            ++named;
        }
    }
    return !full() || named == members_.size();
}

bool FetchSessionHandler::answered(const wire::FetchResponse& response) {
    const auto error = static_cast<ErrorCode>(response.error_code);
    if (error != ErrorCode::None) {
        restart(error == ErrorCode::FetchSessionIdNotFound ? 0 : session_id_);
        return false;
    }
    if (!fits(response)) {
        restart(full() ? 0 : session_id_);
        return false;
    }
    if (response.session_id == 0) {
        restart(0);
    } else if (full()) {
        session_id_ = response.session_id;
        session_epoch_ = kFirstEpoch;
    } else {
        session_epoch_ = next_epoch(session_epoch_);
    }
    return true;
}

void FetchSessionHandler::request_failed() {
    restart(session_id_);
}

void FetchSessionHandler::restart(std::int32_t closing_session_id) {
    session_id_ = closing_session_id;
    session_epoch_ = 0;
}

const PartitionFetch* FetchSessionHandler::asked(const TopicIdPartition& tp) const {
    const auto found = members_.find(tp);
    return found == members_.end() ? nullptr : &found->second.fetch;
}

}  // namespace bsim
