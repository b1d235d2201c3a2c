// KRaft's placement of replicas.

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "sim/base/check.h"
#include "sim/base/java_order.h"
#include "sim/protocol/rules/placement.h"

namespace bsim {
namespace {

// As java.util.Collections.shuffle.
template <class T>
void shuffle(std::vector<T>& items, IntSource& draws) {
    for (std::size_t i = items.size(); i > 1; --i) {
        const auto other = static_cast<std::size_t>(draws.next_int(static_cast<std::int32_t>(i)));
        std::swap(items[i - 1], items[other]);
    }
}

// Hands out each broker once a turn, starting one further with every turn.
class BrokerRing {
  public:
    void add(BrokerId id) { brokers_.push_back(id); }
    std::size_t size() const { return brokers_.size(); }

    void start(IntSource& draws) {
        if (brokers_.empty())
            return;
        std::sort(brokers_.begin(), brokers_.end());
        offset_ =
            static_cast<std::size_t>(draws.next_int(static_cast<std::int32_t>(brokers_.size())));
    }

    void reorder(IntSource& draws) { shuffle(brokers_, draws); }

    std::optional<BrokerId> next(std::size_t turn) {
        if (brokers_.empty())
            return std::nullopt;
        if (turn_ != turn) {
            turn_ = turn;
            given_ = 0;
            offset_ = (offset_ + 1) % brokers_.size();
        }
        if (given_ >= brokers_.size())
            return std::nullopt;
        return brokers_[(given_++ + offset_) % brokers_.size()];
    }

  private:
    std::vector<BrokerId> brokers_;
    std::size_t turn_ = 0;
    std::size_t given_ = 0;
    std::size_t offset_ = 0;
};

struct Rack {
    BrokerRing fenced;
    BrokerRing unfenced;

    std::optional<BrokerId> next(std::size_t turn) {
        if (const auto broker = unfenced.next(turn))
            return broker;
        return fenced.next(turn);
    }
};

class Racks {
  public:
    Racks(std::span<const UsableBroker> brokers, IntSource& draws) : draws_(draws) {
        std::map<std::optional<std::string>, std::size_t> index;
        std::vector<std::optional<std::string>> names;
        for (const UsableBroker& broker : brokers) {
            const auto [at, is_new] = index.try_emplace(broker.rack, racks_.size());
            if (is_new) {
                racks_.emplace_back();
                names.push_back(broker.rack);
            }
            Rack& rack = racks_[at->second];
            (broker.fenced ? rack.fenced : rack.unfenced).add(broker.id);
            unfenced_ += broker.fenced ? 0U : 1U;
        }
        total_ = brokers.size();
        // Brokers without a rack come first: std::map orders nullopt so, and Kafka too.
        for (const auto& [name, at] : index)
            order_.push_back(at);
        hash_order_ = java_hash_map_order(names);
        for (const std::size_t at : hash_order_) {
            racks_[at].fenced.start(draws_);
            racks_[at].unfenced.start(draws_);
        }
        if (!order_.empty()) {
            offset_ =
                static_cast<std::size_t>(draws_.next_int(static_cast<std::int32_t>(order_.size())));
        }
    }

    std::size_t total() const { return total_; }
    std::size_t unfenced() const { return unfenced_; }

    std::vector<BrokerId> place(std::size_t replicas) {
        // After as many partitions as there are leaders to choose from, the pattern would repeat.
        if (turn_ == unfenced_ && unfenced_ > 1) {
            reorder();
            turn_ = 0;
        }
        if (offset_ == order_.size())
            offset_ = 0;

        std::vector<BrokerId> chosen;
        std::size_t leaders_rack = offset_;
        for (;; leaders_rack = after(leaders_rack)) {
            if (const auto leader = racks_[order_[leaders_rack]].unfenced.next(turn_)) {
                chosen.push_back(*leader);
                break;
            }
        }
        // The leader's rack is passed over once; then it takes its turns like the others.
        bool passed_over = false;
        for (std::size_t at = offset_; chosen.size() < replicas; at = after(at)) {
            if (at == leaders_rack && !passed_over) {
                passed_over = true;
            } else if (const auto follower = racks_[order_[at]].next(turn_)) {
                chosen.push_back(*follower);
            }
        }
        ++turn_;
        ++offset_;
        return chosen;
    }

  private:
    std::size_t after(std::size_t at) const { return at + 1 == order_.size() ? 0 : at + 1; }

    void reorder() {
        shuffle(order_, draws_);
        for (const std::size_t at : hash_order_) {
            racks_[at].fenced.reorder(draws_);
            racks_[at].unfenced.reorder(draws_);
        }
    }

    IntSource& draws_;
    std::vector<Rack> racks_;
    std::vector<std::size_t> order_;       // indices of racks_, as they are walked
    std::vector<std::size_t> hash_order_;  // indices of racks_, as they draw
    std::size_t total_ = 0;
    std::size_t unfenced_ = 0;
    std::size_t turn_ = 0;
    std::size_t offset_ = 0;
};

}  // namespace

Result<ReplicaLists, PlacementError> place_striped(std::span<const UsableBroker> brokers,
                                                   PlacementSize size,
                                                   IntSource& draws) {
    using Kind = PlacementError::Kind;
    Racks racks(brokers, draws);
    if (size.replication_factor <= 0) {
        return Err{PlacementError{
            Kind::InvalidReplicationFactor,
            fmt::format("a replication factor of {} is not positive", size.replication_factor)}};
    }
    if (racks.unfenced() == 0) {
        return Err{PlacementError{Kind::InvalidReplicationFactor, "every broker is fenced"}};
    }
    const auto replicas = static_cast<std::size_t>(size.replication_factor);
    if (replicas > racks.total()) {
        return Err{
            PlacementError{Kind::InvalidReplicationFactor,
                           fmt::format("{} replicas need more than the {} registered brokers",
                                       replicas, racks.total())}};
    }
    ReplicaLists lists;
    for (std::int32_t partition = 0; partition < size.partitions; ++partition) {
        lists.push_back(racks.place(replicas));
    }
    return lists;
}

}  // namespace bsim
