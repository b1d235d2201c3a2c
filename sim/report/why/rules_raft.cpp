#include <algorithm>
#include <fmt/format.h>

#include "sim/report/why/rules.h"

namespace bsim::why {
namespace {

constexpr std::string_view kFetchTimeout = "controller.quorum.fetch.timeout.ms";
constexpr std::string_view kElectionTimeout = "controller.quorum.election.timeout.ms";

bool stands(const RaftRole& role) {
    return role.role == RaftRoleName::Candidate || role.role == RaftRoleName::Prospective;
}

bool has_leader(const RaftRole& role) {
    return role.role == RaftRoleName::Leader || role.role == RaftRoleName::Follower ||
           role.role == RaftRoleName::Observer;
}

// The node's own role before, in this life of its process.
const Event* role_before(const Case& c, const Event& e) {
    const Event* const role = c.trace.last<RaftRole>(
        e.i, [&](const Event& other, const auto&) { return other.n == e.n; });
    const Event* const started = started_before(c, e, e.n);
    return role != nullptr && (started == nullptr || started->i < role->i) ? role : nullptr;
}

const Event* leader_of(const Case& c, const Event& e, LeaderEpoch epoch) {
    return c.trace.last<RaftRole>(e.i, [&](const Event& other, const RaftRole& role) {
        return other.n != e.n && role.role == RaftRoleName::Leader && role.epoch == epoch;
    });
}

Because as_it_starts(const Case& c, const Event& e, std::string how) {
    const Event* const started = started_before(c, e, e.n);
    return started != nullptr ? Because::of(started, std::move(how)) : as_recorded(c, e);
}

// It followed a leader, and heard no more of it.
Because leader_silent(const Case& c, const Event& e, const RaftRole& followed) {
    const NamedSetting timeout = node_setting(c, e.t, e.n, kFetchTimeout);
    const SimDuration limit = timeout.span().value_or(seconds(2));
    SilenceQuery query;
    query.others.insert(e.n.text());
    if (followed.leader)
        query.silent.insert(node_of(c, *followed.leader));
    query.from = e.t - limit - seconds(1);
    query.begun_by = e.t - limit + seconds(1);
    query.to = e.t;
    query.need = Need::Quorum;
    const std::string leader = query.silent.empty() ? "the leader" : *query.silent.begin();
    return silenced(c, query,
                    fmt::format("{} had no answer from {}, leader of epoch {}, for {}", e.n.text(),
                                leader, followed.epoch.value(), seconds_text(limit)))
        .with(timeout);
}

// Its own newest role before, in which it had a leader or was one; and the role that it took next.
struct Anchor {
    const Event* with_leader = nullptr;
    const Event* next = nullptr;
};
Anchor anchor_of(const Case& c, const Event& e) {
    Anchor out{nullptr, &e};
    for (const Event* at = role_before(c, e); at != nullptr; at = role_before(c, *at)) {
        if (has_leader(*as<RaftRole>(*at))) {
            out.with_leader = at;
            return out;
        }
        out.next = at;
    }
    return out;
}

Because of_candidate(const Case& c, const Event& e) {
    const Anchor anchor = anchor_of(c, e);
    const NamedSetting timeout = node_setting(c, e.t, e.n, kElectionTimeout);
    if (anchor.with_leader == nullptr) {
        return as_it_starts(c, e, "it starts, and no leader answers within the election timeout")
            .with(timeout);
    }
    const RaftRole& before = *as<RaftRole>(*anchor.with_leader);
    if (anchor.next != &e) {
        const bool stood = stands(*as<RaftRole>(*anchor.next));
        return Because::of(anchor.next,
                           stood ? "it had stood for election before, and nobody had won"
                                 : "it had a leader no more, and none was elected in time")
            .with(timeout);
    }
    if (before.role == RaftRoleName::Leader)
        return as_recorded(c, e);
    return leader_silent(c, e, before);
}

Because of_leader(const Case& c, const Event& e, const RaftRole& body) {
    const Event* const stood = c.trace.last<RaftRole>(e.i, [&](const Event& other,
                                                               const RaftRole& role) {
        return other.n == e.n && role.role == RaftRoleName::Candidate && role.epoch == body.epoch;
    });
    if (stood != nullptr)
        return Because::of(stood, "a majority of the voters voted for it");
    return as_it_starts(c, e, "it starts, and is the only voter");
}

Because of_unattached(const Case& c, const Event& e, const RaftRole& body) {
    const Event* const before = role_before(c, e);
    if (before == nullptr)
        return as_it_starts(c, e, "it starts, and knows no leader yet");
    // Who brought the epoch into the world?
    const Event* origin = nullptr;
    for (const Event* at = &e;;) {
        at = c.trace.last<RaftRole>(at->i, [&](const Event& other, const RaftRole& role) {
            return other.n != e.n && role.epoch == body.epoch &&
                   (stands(role) || role.role == RaftRoleName::Leader);
        });
        if (at == nullptr)
            break;
        origin = at;
    }
    if (origin != nullptr && as<RaftRole>(*before)->epoch < body.epoch)
        return Because::of(origin, fmt::format("it heard of epoch {}", body.epoch.value()));
    if (as<RaftRole>(*before)->epoch == body.epoch && !has_leader(*as<RaftRole>(*before)))
        return Because::of(before, "it knows no leader of that epoch yet");
    return as_recorded(c, e);
}

Because of_resigned(const Case& c, const Event& e) {
    const Event* const fault = fault_on(c, e, e.n.text(), {"crash", "rolling-restart", "wipe"});
    if (fault != nullptr && e.t <= fault->t + seconds(60))
        return Because::of(fault, "the node shuts down in an orderly way");
    const NamedSetting timeout = node_setting(c, e.t, e.n, kFetchTimeout);
    const SimDuration limit = timeout.span().value_or(seconds(2)) * 3 / 2;
    SilenceQuery query;
    query.silent = controllers(c);
    query.silent.erase(e.n.text());
    query.others.insert(e.n.text());
    query.from = e.t - limit - seconds(1);
    query.begun_by = e.t - limit + seconds(1);
    query.to = e.t;
    query.need = Need::Quorum;
    return silenced(c, query,
                    fmt::format("no majority of the voters had fetched from {} for {}", e.n.text(),
                                seconds_text(limit)))
        .with(timeout);
}

}  // namespace

Because why(const Case& c, const Event& e, const RaftRole& body) {
    switch (body.role) {
        case RaftRoleName::Candidate: {
            const Event* const before = role_before(c, e);
            if (before != nullptr && as<RaftRole>(*before)->role == RaftRoleName::Prospective)
                return Because::of(before, "a majority said that it could win");
            return of_candidate(c, e);
        }
        case RaftRoleName::Prospective:
            return of_candidate(c, e);
        case RaftRoleName::Leader:
            return of_leader(c, e, body);
        case RaftRoleName::Unattached:
        case RaftRoleName::Voted:
            return of_unattached(c, e, body);
        case RaftRoleName::Resigned:
            return of_resigned(c, e);
        case RaftRoleName::Follower:
        case RaftRoleName::Observer:
            break;
    }
    const Event* const leader = leader_of(c, e, body.epoch);
    const Event* const started = started_before(c, e, e.n);
    if (started != nullptr && leader != nullptr && leader->i < started->i)
        return Because::of(started, "it starts, and the leader answers");
    if (leader != nullptr)
        return Because::of(leader, "the leader of that epoch made itself known");
    return as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const RaftVote& body) {
    const Event* const stood =
        c.trace.last<RaftRole>(e.i, [&](const Event& other, const RaftRole& role) {
            return other.n.kafka_id() == body.candidate && stands(role) &&
                   (role.epoch == body.epoch || body.pre);
        });
    return stood != nullptr ? Because::of(stood, "it was asked for its vote") : as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const ControllerElected& body) {
    const Event* const led =
        c.trace.last<RaftRole>(e.i, [&](const Event& other, const RaftRole& role) {
            return other.n == e.n && role.role == RaftRoleName::Leader && role.epoch == body.epoch;
        });
    return led != nullptr ? Because::of(led, "the leader of the metadata quorum is the controller")
                          : as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const ControllerResigned&) {
    const Event* const role = role_before(c, e);
    if (role != nullptr && as<RaftRole>(*role)->role != RaftRoleName::Leader)
        return Because::of(role, "it leads the metadata quorum no longer");
    return as_recorded(c, e);
}

}  // namespace bsim::why
