#pragma once
// Creates the scenario's topics through the admin client, each once the brokers that shall hold it
// are unfenced, and tells when clients can see it.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/scheduler.h"
#include "sim/scenario/scenario.h"
#include "sim/world/cluster.h"

namespace bsim {

// A topic that the controller refused to create.
struct RefusedTopic {
    std::string topic;
    std::string why;  // Kafka's error and message
};

wire::CreateTopicsRequest create_topics_request(const TopicSpec& topic);

class TopicDriver {
  public:
    // Told of each topic once.
    using Visible = std::function<void(const std::string& topic)>;

    TopicDriver(const Scenario& scenario,
                Scheduler& scheduler,
                Cluster& cluster,
                Visible on_visible);

    void start();
    // Another has asked for this topic; its producers begin when it is visible. Keeps a reference.
    void await(const TopicSpec& topic);
    const std::vector<RefusedTopic>& refused() const { return refused_; }

  private:
    void look();
    bool can_create(const TopicSpec& topic) const;
    void create(const TopicSpec& topic);
    bool visible(const TopicSpec& topic) const;

    const Scenario& scenario_;
    Scheduler& scheduler_;
    Cluster& cluster_;
    Visible on_visible_;
    std::vector<const TopicSpec*> to_create_;
    std::vector<const TopicSpec*> to_see_;
    std::vector<RefusedTopic> refused_;
};

}  // namespace bsim
