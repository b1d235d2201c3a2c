#pragma once
// A map that remembers the order in which its entries were put, with moving an entry to the end in
// O(log n) and without allocation. Iteration goes in that order, so it is deterministic.
// Source of the idea: java.util.LinkedHashMap, Kafka's PartitionStates.

#include <cstddef>
#include <list>
#include <map>
#include <utility>

namespace bsim::replication {

template <class Key, class Value>
class LinkedMap {
  public:
    struct Entry {
        Key key;
        Value value;
    };
    using iterator = typename std::list<Entry>::iterator;
    using const_iterator = typename std::list<Entry>::const_iterator;

    LinkedMap() = default;
    LinkedMap(LinkedMap&&) = default;
    LinkedMap& operator=(LinkedMap&&) = default;
    LinkedMap(const LinkedMap&) = delete;
    LinkedMap& operator=(const LinkedMap&) = delete;
    ~LinkedMap() = default;

    // Puts at the end; an entry with that key is replaced and moved there.
    Value& put_last(const Key& key, Value value) {
        const auto found = index_.find(key);
        if (found != index_.end()) {
            found->second->value = std::move(value);
            order_.splice(order_.end(), order_, found->second);
            return found->second->value;
        }
        order_.push_back(Entry{key, std::move(value)});
        index_.emplace(key, std::prev(order_.end()));
        return order_.back().value;
    }
    void move_to_end(const Key& key) {
        const auto found = index_.find(key);
        if (found != index_.end())
            order_.splice(order_.end(), order_, found->second);
    }
    bool erase(const Key& key) {
        const auto found = index_.find(key);
        if (found == index_.end())
            return false;
        order_.erase(found->second);
        index_.erase(found);
        return true;
    }
    Value* find(const Key& key) {
        const auto found = index_.find(key);
        return found == index_.end() ? nullptr : &found->second->value;
    }
    const Value* find(const Key& key) const {
        const auto found = index_.find(key);
        return found == index_.end() ? nullptr : &found->second->value;
    }

    bool empty() const { return order_.empty(); }
    std::size_t size() const { return index_.size(); }
    iterator begin() { return order_.begin(); }
    iterator end() { return order_.end(); }
    const_iterator begin() const { return order_.begin(); }
    const_iterator end() const { return order_.end(); }

  private:
    std::list<Entry> order_;
    std::map<Key, iterator> index_;
};

}  // namespace bsim::replication
