// Two versions of a schema work together: one program knows the former, one the later.
#include "messages/handlers.hpp"
#include "tests/messages/frame_samples.hpp"

#include <gtest/gtest.h>

#include "tests/messages/evolution_new.capnp.h"
#include "tests/messages/evolution_old.capnp.h"

namespace us::test {
namespace {

/// A frame with a body as one version writes it under the type id that the other one knows. (In one
/// program two schemas cannot have the same id, as the versions of one schema have.)
template <class Writer, class Reader, class Fill>
frame written_for(Fill fill) {
  auto head = sample_envelope();
  head.type = capnp::typeId<Reader>();
  frame_builder builder{head};
  fill(builder.body<Writer>());
  return builder.finish();
}

/// As if it had been sent: only bytes get across.
frame over_the_wire(const frame& sent) {
  auto result = read_all(stream_of({sent}));
  EXPECT_EQ(result.frames.size(), 1u);
  return result.frames.at(0);
}

frame later_order() {
  return written_for<later::Order, former::Order>([](later::Order::Builder order) {
    order.setQuantity(3);
    order.setItem("tea");
    order.setState(later::State::RETURNED);
    order.setCurrency("SEK");
    order.setPriority(9);
    order.initNotes(1).set(0, "fragile");
    auto line = order.initLines(1)[0];
    line.setText("black");
    line.setWeight(250);
    line.setOrigin("Assam");
  });
}

frame former_order() {
  return written_for<former::Order, later::Order>([](former::Order::Builder order) {
    order.setAmount(3);
    order.setItem("tea");
    order.setState(former::State::CLOSED);
    order.initLines(1)[0].setText("black");
  });
}

TEST(SchemaEvolution, FormerReadsLater) {
  bool read = false;
  dispatch_table table{{on<former::Order>([&](former::Order::Reader order, const sender&) {
    read = true;
    EXPECT_EQ(order.getAmount(), 3u);
    EXPECT_EQ(order.getItem(), "tea");
    EXPECT_EQ(static_cast<int>(order.getState()), 2);  // an enumerant that it does not know
    EXPECT_EQ(order.getLines()[0].getText(), "black");
  })}};
  EXPECT_EQ(table.dispatch(over_the_wire(later_order())), dispatch_result::handled);
  EXPECT_TRUE(read);
}

TEST(SchemaEvolution, LaterReadsFormerWithDefaults) {
  bool read = false;
  dispatch_table table{{on<later::Order>([&](later::Order::Reader order, const sender&) {
    read = true;
    EXPECT_EQ(order.getQuantity(), 3u);
    EXPECT_EQ(order.getState(), later::State::CLOSED);
    EXPECT_EQ(order.getCurrency(), "EUR");
    EXPECT_EQ(order.getPriority(), 5u);
    EXPECT_EQ(order.getNotes().size(), 0u);
    EXPECT_EQ(order.getLines()[0].getText(), "black");
    EXPECT_EQ(order.getLines()[0].getWeight(), 0u);
    EXPECT_FALSE(order.getLines()[0].hasOrigin());
  })}};
  EXPECT_EQ(table.dispatch(over_the_wire(former_order())), dispatch_result::handled);
  EXPECT_TRUE(read);
}

TEST(SchemaEvolution, FormerKeepsWhatItDoesNotKnowInCopies) {
  const auto received = over_the_wire(later_order());
  opened_frame opened{received};
  capnp::MallocMessageBuilder copy;
  copy.setRoot(opened.body<former::Order>());
  const auto order = copy.getRoot<later::Order>().asReader();
  EXPECT_EQ(order.getCurrency(), "SEK");
  EXPECT_EQ(order.getNotes()[0], "fragile");
  EXPECT_EQ(order.getLines()[0].getOrigin(), "Assam");
}

}  // namespace
}  // namespace us::test
