"""Who asks for a person and who does not: made-up turns, and ones like those of real chats."""

import pytest

from pipelines.routing.requests import asks_for_a_person

ASKING = """
I want to speak to a human
let me talk to a real person
can I speak with someone please?
Can you transfer me to an agent
please connect me with a representative
put me through to your manager
I need a human
human please
agent
REPRESENTATIVE!!!
is there a real person I can talk to
I'd like to speak to your supervisor
get me a manager
could you escalate this to a manager
this is ridiculous, let me talk to a human being please
I don't want a bot, I want a real person
can i chat with a live agent
are there any humans there
I would like to be transferred to an operator
you are useless. give me an actual human
hand me over to a colleague who can help, I want to talk to a person
Is it possible to speak to somebody in customer support?
pls connect me to customer service rep
I demand to speak with the manager right now
can someone real answer me
i need to talk to an actual agent about my bill
I am sick of talking to a bot
may i talk to the person in charge
forward me to a human agent
I prefer to talk with a person, not a machine
operator
i want to be connected to a live representative
could I get a human on the line
talk to agent
speak to representative
let me speak to someone else
real human please
Would you please put me through to the support team?
you're not helping, i need a manager
I want a supervisor.
this isn't working, please get someone on the phone
can you have somebody call me
I'd rather deal with a person
let me talk to your boss
is anyone there who can actually help me
how do i reach a human
how can I contact customer service by phone
stop. human. now.
give me a real person
transfer me
I want to talk to someone who knows what they're doing
can a human look at this
I would like to speak with a customer service representative
please escalate my case to your supervisor
agent, please
speak to a human
I need to speak to someone in billing
can i talk to a manager
just connect me to a person already
I need to talk to a live person, this is urgent
talk to a person
hello? real person please
I am done with this chatbot, get me a human
who can i speak to about this? i want your manager
could someone from support contact me
I'd like to talk to one of your colleagues
please let me speak with the supervisor on duty
need human support
can you put a manager on
I want to complain to a manager
this bot is stupid, I need to speak with a person
please pass me on to a specialist
connect me to your support team
I'm not satisfied, I want to speak to your superior
would it be possible to talk to a real human about this
can I call somebody
where can I find a human to talk to
let me talk to customer service
get me a real agent NOW
please have an agent call me back
I want to speak with a representative regarding my refund
Human agent.
I need a real person to help me
is this a bot? I want a person
can I be connected with a human advisor
i wanna talk to somebody
please hand this over to a human
no more automated answers, give me a human
I would prefer speaking to someone in person
Can I please speak to a manager?
""".strip().splitlines()
NOT_ASKING = """
I need a table for two people
a hotel for 4 people please
I want to speak English
I spoke to an agent yesterday and she said it was fine
do I need to talk to the manager of the hotel?
I don't need to talk to a human, you are fine
is the guest house for one person
can I talk to you about my order
no need to transfer me to anyone
you are a real person right?
my estate agent told me to call you
I want to transfer money to another person
connect my phone to the network
the person at the desk was rude
book it for one person
are you human?
I was transferred to an agent and then cut off
I'm a manager at the company
what time does the agent at the ticket office start
can somebody tell me the time of the train
I need someone to fix my sink
the ticket is for my supervisor
please speak slower
thanks for talking to me
how many people does it seat
I would like to change the name on the booking to another person
I'm a human being, not a number
my agent number is 5521
can you get me a taxi to the museum
is there someone famous buried there
we talked to each other for hours
he is a people person
I'd rather not speak to anyone
transfer 500 dollars to my savings account please
can you give me the manager's name
the representative was very helpful
send a person to repair it
I have been on hold with an agent for an hour
it seats 6 people, right
who is the operator of that train
there is a person in my room
can you speak up
talk to you soon
my manager approved the expense
the human resources department
which agent sold me this policy
I need two agents' names for the form
please transfer my call forwarding to the other line
the operator of the bus was nice
she wants to talk to her sister
my supervisor asked me to return it
I would like a room for one person
I was told by a representative that it is free
is that price per person
do you have a manager special today
no, not a bot, just asking
he got me a manager position
I want to support people
put it through to Friday
connect me to wifi
the agent never called back
how many people work there
is it a live show
I need an operator manual
we spoke with the staff already
please speak to my wife about it
I talked to somebody at the bank, it's fine
I will talk to my manager first
there's someone at the door
I want to rent to a person with a dog
the human body museum
I need to get my manager's approval
are there people at the pool
tell the agent that I said thanks
can you talk me through it
it was transferred to a different account
how do I reach the museum
how can I contact the hotel
I need help with my phone
is anyone else affected
get a person of your choice to sign here
the last representative gave me a wrong number
she is a real person
I manage 20 people
what is the name of your supervisor
I want to see someone about my teeth
put me down for two people
no I do not want an agent
let me know if somebody finds my bag
you sound like a robot
""".strip().splitlines()


@pytest.mark.parametrize("text", ASKING)
def test_who_asks_for_a_person(text: str) -> None:
    assert asks_for_a_person(text)


@pytest.mark.parametrize("text", NOT_ASKING)
def test_who_does_not(text: str) -> None:
    assert not asks_for_a_person(text)


def test_a_rant_may_end_with_the_request_and_takes_no_time() -> None:
    assert asks_for_a_person("no no no " * 20_000 + "let me talk to a human.")
    assert not asks_for_a_person("speak to " * 50_000)
