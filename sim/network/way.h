#pragma once
// One way between two hosts: what becomes of the packets that are sent along it, by the links of
// its route and the rules that cover it.
//
// A message is a train of segments of 1460 bytes. The train waits for bandwidth, then takes one
// latency; each segment may be lost, corrupted (the receiver's checksum throws it away), duplicated
// or put behind others. A train that is reordered arrives late by another draw of the route's
// latency: that much later packets can overtake it.
//
// Draws come from streams of the way's own, one a kind: network/A>B/latency, /loss, /corrupt,
// /duplicate, /reorder; of a rule network/A>B/KIND/NAME. What is sent for a second time draws all
// from network/A>B/again. So the k-th message of a way has the same latency whatever else happens,
// and switching one kind off shifts no other. Drawn is for each segment; of a train of more than
// 1024, each draw decides for a run of neighbours.
//
// The two states of a burst loss belong to the way, not to the link that several ways share.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "sim/kernel/rng.h"
#include "sim/network/ids.h"
#include "sim/network/rules.h"
#include "sim/network/topology.h"

namespace bsim {

// What went one way so far.
struct WayCounters {
    std::uint64_t messages = 0;   // handed over by processes
    std::uint64_t bytes = 0;      // of them
    std::uint64_t delivered = 0;  // messages that a process got
    std::uint64_t in_flight = 0;  // handed over, and neither delivered nor given up
    std::uint64_t dropped = 0;    // times that a message, or part of it, was lost
    std::uint64_t lost_segments = 0;
    std::uint64_t corrupted_segments = 0;
    std::uint64_t duplicated_segments = 0;
    std::uint64_t reordered_trains = 0;
    std::uint64_t retransmitted_segments = 0;
};

struct Train {
    SimTime sent;
    std::int64_t bytes = 0;
    std::int64_t segments = 1;
    SimDuration latency;  // drawn before
    bool again = false;   // a retransmission
};
struct TrainFate {
    SimTime arrival;           // of what gets through
    std::int64_t missing = 0;  // segments that do not
    std::int64_t after = 0;    // segments that do, behind the first that does not
    bool corrupted = false;    // the first that does not fell to the checksum
    std::int64_t copies = 0;   // segments that arrive twice
};

class alignas(64) Way {
  public:
    struct Parts {
        const Rng& rng;
        Topology& topology;
        const Rules& rules;
    };
    Way(const Parts& parts, HostId from, HostId to);
    Way(const Way&) = delete;
    Way& operator=(const Way&) = delete;

    HostId from() const { return from_; }
    HostId to() const { return to_; }

    // What the cuts say; Drop too if no links lead there.
    RuleVerdict verdict() {
        refresh();
        return !routed_ && cut_ == RuleVerdict::Pass ? RuleVerdict::Drop : cut_;
    }
    // Why verdict() is Drop.
    const char* why_dropped();
    // nullopt if no links lead there.
    std::optional<SimDuration> draw_latency(bool again);
    TrainFate send(const Train& train);

  private:
    enum class Kind : std::uint8_t { Latency, Loss, Corrupt, Duplicate, Reorder, Again };
    static constexpr std::size_t kKinds = 6;
    // Something that strikes segments at random.
    struct Hazard {
        Kind kind;
        LossModel model;
        RngStream* stream;
        bool bad = false;  // the state of a BurstLoss
    };
    // A rule that covers this way.
    struct Laid {
        Laid(const PacketRule& rule, std::optional<RngStream> draws);
        Laid(const Laid&) = delete;  // the hazard points at the stream
        Laid& operator=(const Laid&) = delete;

        std::optional<RngStream> stream;
        std::optional<LatencySampler> latency;  // of ExtraLatency
        std::optional<Hazard> hazard;
        std::optional<std::int64_t> bits_per_second;
        TransmitQueue queue;
    };
    struct Hits;

    void refresh() {
        if (route_version_ != parts_.topology.version())
            find_route();
        if (rules_version_ != parts_.rules.version())
            find_rules();
    }
    void find_route();
    void add_links(const Topology::Route& route);
    void find_rules();
    RngStream& stream(Kind kind) {
        std::optional<RngStream>& found = streams_[static_cast<std::size_t>(kind)];
        return found ? *found : make_stream(kind);
    }
    RngStream& make_stream(Kind kind);
    std::string stream_name(Kind kind) const;
    static Kind kind_of(const Disturbance& what);
    static bool strikes(Hazard& hazard, RngStream& draws);
    SimDuration disturb(const Train& train, TransmitQueue::Passage& passage, TrainFate& fate);
    void endanger(const Train& train, Hits& hits, TrainFate& fate);

    // What each message looks at lies side by side: with many hosts a message finds its way in no
    // cache, and pays for every line of it. So the links stand here, not in the topology's route:
    // 1.2 to 1.45 M messages/s (64 hosts, 16 messages each).
    Parts parts_;
    HostId from_;
    HostId to_;
    std::uint64_t route_version_;  // as of the topology; at first of none
    std::uint64_t rules_version_;
    RuleVerdict cut_ = RuleVerdict::Pass;
    bool routed_ = false;  // links lead there, or it is the way of a host to itself
    // Neither hazards nor laid rules: no need to look for any (0.60 to 0.71 M messages/s with 1,024
    // hosts).
    bool calm_ = false;

  public:
    WayCounters counters;

  private:
    boost::container::small_vector<Link*, 4> links_;        // of the route
    std::array<std::optional<RngStream>, kKinds> streams_;  // those in use
    std::vector<Hazard> hazards_;                           // of the route
    std::map<RuleId, Laid> laid_;
};

}  // namespace bsim
