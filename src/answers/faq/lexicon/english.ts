import type { Lexicon } from './lexicon.ts'

/** What words of business questions have in common. Phrases are given as written; they are stemmed when read. */
export const english: Lexicon = {
  fillers: `hi, hello, hey, hiya, howdy, greetings, good morning, good afternoon, good evening, good day, dear, there,
    please, pls, plz, thanks, thank you, thx, cheers, sorry, excuse me, so, well, ok, okay, um, uh, hmm, oh, anyway, btw,
    by the way, just, really, actually, basically, exactly, currently, kindly, quickly, maybe, perhaps, also, too, even, guys,
    folks, sir, madam, simply, generally, usually, typically, normally, roughly, approximately, about how,
    lol, yo, mate, again, already, still, only, quick question, one question, i have a question, question, one more thing,
    i was wondering, i am wondering, wondering, i would like to know, i want to know, i need to know, let me know,
    can you tell me, could you tell me, would you tell me, tell me, do you know, i am curious, curious, just curious,
    could you explain, would you mind, before we start, first of all, in general, more or less, at all, out of interest,
    i wonder, we wonder, may i ask, can i ask, could i ask, i guess, you know, to be honest, honestly, definitely, truly`,
  light: `what is your, what is the, what are your, what are the, what is, a, an, the, this, that, these, those, it, its, is, are, am, was, were, be, been, being, do, does, did, done, have,
    has, had, having, will, would, can, could, shall, should, may, might, must, he, she,
    they, them, their, his, her, of, to, in, on, at, for, from, with, without, by, as, into, onto, about, over, under, between,
    and, or, but, if, then, than, because, since, while, what, which, who, whom, whose, where, when, why, how, whether,
    any, some, all, both, each, every, one, ones, no, not, yes, more, most, much, many, few, lot, lots, other, such, same, own, very,
    quite, rather, up, down, out, off, back, here, now, let, get, getting, got, give, go, going, come, make sure, take, want, wants, would like, like,
    need to, know, think, say, said, see, look, looking, find, seem, tell, ask, mean, thing, things, something, anything,
    everything, someone, anyone, somebody, anybody, people, person, kind, sort, type, sell, stuff, area, areas, cover, outfit, before, order, orders, decide, practice, prefer, jump, should i, today, whole, split, two, three, four, five, run, runs, running, huge deal,  way, ways, bit, case, cases, etc, usual, typical,
    normal, average, possible, able, sure, good, great, nice, right, new, general, exact, certain, particular, specific,
    various, around, per, via, put, set, keep, try, trying, hope, considering, thinking, interested, planning,
    wish, want to, going to, have to, gonna, wanna, gotta, ever, never, during, through, another,
    business, businesses, project, projects, work, works, working, job, thanks, today, soon, help, helping, deal, involved, am i, is it, first, plan, actual, deal with,
    handle, idea, ideas, situation, next, week, month, day, days, time, use, using, uses, used, usd, dollar, dollars, euro, euros,
    company, agency, firm, agencies, companies, studio, organisation, organization, offer, offers, offering, provide, provides, providing, solution, solutions, software, system, systems, product, products`,
  address: 'you, your, yours, yourselves, ya, u, ur',
  group: 'we, us, our, ours, ourselves',
  personal: 'i, me, my, mine, myself, yourself',
  concepts: {
    services: `services, service, offerings, what do you do, what you do, what can you do, what do you offer, what you offer, what are you offering,
      what can you offer, what do you provide, what can you help with, help me with, help us with, help with, how can you help, what can i order, what can i get from you, what do you guys do,
      what does your company do, what does your agency do, what your company does, what your agency does, specialise, specialize, specialty, specialties,
      areas of expertise, line of work, what work do you, overview, catalogue, catalog, capabilities, competencies, what kind of work, things do you build, do for a living, bread and butter`,
    about: `who are you, who you are, who am i talking to, who i am talking to, about your company, about your agency, about your firm, about you, about yourself, about yourselves, introduce, introduction,
      what kind of company, what sort of company, what kind of agency, what sort of agency, who is behind, who stands behind, background, about the company, about the agency, about us, what company is this, what agency is this, who runs, what is this company, describe your company, describe your agency, describe yourselves`,
    price: `price, prices, pricing, cost, costs, costing, charge, charges, fee, fees, how much, tariff, ballpark, price tag, run me, set me back, set us back, pay for a, going rate,
      price list, price range, cost me, cost us, charging, pricelist, how expensive, what would i pay, what will i pay, worth in money`,
    estimate:
      'estimate, estimates, estimation, quote, quotes, quotation, proposal, assessment, calculate, assess, price it, work out the cost',
    free: 'free of charge, for free, free, complimentary, gratis, no charge, without obligation, no obligation, no strings, no commitment, without commitment, does it cost anything, cost anything, costs nothing, for nothing',
    consult:
      'consultation, consult, consulting, advice, first call, intro call, initial call, discovery call, first meeting, initial meeting, initial conversation, expert',
    hour: 'hour, hours, hourly, per hour, an hour, by the hour, hr, hrs, day rate, daily rate, per day, man hour, hourly basis, time and materials, time and material',
    rate: 'rate, rates',
    expensive:
      'expensive, pricey, costly, overpay, overpaying, too high, too much, skyrocketing, hefty, out of control, through the roof, insane',
    reduce:
      'reduce, lower, cut, save, savings, saving, decrease, bring down, shrink, trim, cheaper, optimise, optimize, optimisation, optimization, cut down, get down, slash, economise',
    cheap: 'cheap, inexpensive, affordable, low cost',
    budget:
      'budget, over budget, over our budget, budgets, money, funds, funding, afford, shoestring, 10 k, 15 k, 20 k, 25 k, 30 k, k, thousand, grand, cash, 10000, 15000, 20000, 25000, 30000, 40000, 8000, 5000, 12000, 50000',
    enough:
      'enough, sufficient, fit, fit into, fits, within, squeeze, limited, tight, small budget, modest, stretch, suffice, work with our',
    discount:
      'discount, discounts, negotiate, negotiable, bargain, haggle, cheaper price, flexible on price, deal on',
    pay: 'pay, down payment, money in advance, payment, payments, paying, paid, instalment, instalments, installment, installments, deposit, upfront, up front, prepay, prepayment, advance, in advance, invoice, invoices, invoicing, due, split the, billing, bank transfer, credit card, card, currency, pay you',
    bill: 'bill, bills, spend, spending, expense, expenses, expenditure',
    fixed:
      'fixed, t m, t and m, time and material instead, fixed price, fixed cost, flat fee, flat rate, flat price, lump sum, final price, price final, set price, agreed price, locked in, capped, hidden, hidden costs, hidden fees, extra charges, surprise, surprises, price change, price increase, go up, overrun, cost overrun, guaranteed price, price guarantee, fixed bid, fixed fee, cost more than',
    contract: 'contract, contracts, agreement, sign',
    minimum:
      'minimum, lower limit, small gigs, little gig, gig, gigs, minimal, smallest, least, lowest, min, at least, small project, small projects, small job, small jobs, small task, tiny task, tiny project, tiny job, tiny change, small change, small fix, minor fix, one off, too small a project, project too small, small order, minimum size, minimum budget, starting from, mini project, couple of hours, little job, little thing',
    small:
      'small, tiny, little, smaller, too small, micro, family business, solo, one man, sole trader, freelancer myself, individual, individuals, two people, three people, five people, people in our company, small business, small businesses, sme, smes, smb, mom and pop, employees',
    large:
      'large, big, bigger, larger, huge, enterprise, enterprises, corporation, corporations, corporate, size, sizes, major, multinational, fortune 500, big company, big companies, conglomerate, too big',
    duration: `how long, how long does, how long will, how much time, how many weeks, how many months, timeline, time frame, timeframe, turnaround, duration, how fast, how quick, how quickly, time to market,
      lead time, take to build, take to develop, take to finish, weeks, months, how soon will, when will it be ready, when would it be ready, be ready, time does it take, average time, finished product, finish line, long does it take, take long`,
    deadline:
      'deadline, deadlines, on time, late, delay, delays, delayed, overdue, on schedule, schedule, miss, slip, slips, penalty, penalties, fall behind, behind schedule, certain date, delivery date, by a date, promised date, in time, hold you to, stick to the timeline, keep to the schedule, meet the date, keep your promises, running late, punctual',
    start:
      'start, starting, begin, beginning, kick off, kickoff, commence, get started, get going, jump on, onboard us, earliest, start date, start now, start immediately, begin right away, straight away, right away, immediately, asap, how soon can, how soon could, how soon are you, get cracking',
    available:
      'available, availability, capacity, bandwidth, free right now, busy, fully booked, booked, waiting list, queue, taking on, taking new, accepting, new clients, new projects, another project, free slots, slot, slots, room for, free at the moment, backlog, take us on, squeeze us in',
    client: 'client, clients, customer, customers, clientele',
    team: 'team, developers, developer, engineers, engineer, staff, specialists, programmers, programmer, coders, dev, devs, employees of yours, talent',
    build:
      'build, builds, building, built, develop, development, developing, create, creating, creation, made, code, coding, implement, implementation, design and build, custom, bespoke, tailor made, make a, make an, making',
    app: 'app, apps, application, applications, platform, web app, web application, web apps, web applications, web platform, saas, portal, webapp, crm from scratch',
    website:
      'website, web site, site, online shop, online store, web shop, webshop, landing page, marketplace, ecommerce site, e commerce site',
    mobile:
      'mobile, phone, phones, smartphone, smartphones, tablet, tablets, mobile app, mobile apps, phone app',
    example:
      'example, examples, sample, samples, portfolio, case study, case studies, reference, references, showcase, past work, previous work, past projects, previous projects, finished projects, completed work, your work, success stories, success story, testimonial, testimonials, review from, reviews from, show me, show us, demo of, what have you built, things you have built, have you made, see your work, past clients, former clients, previous clients, have you built, recent work, something you built, you have done, prior work, live projects',
    experience:
      'experience, experienced, track record, expertise, qualified, skilled, senior, seasoned, competent, done this before, done before, similar projects, similar project, something similar, anything like this, something like this, proven, know how, how many projects, many projects, how many clients, many clients, number of projects, number of clients, satisfied, satisfaction, happy clients, happy customers, success rate, projects completed, projects delivered, clients served, under your belt',
    years:
      'years, how old, founded, established, year did, what year, since when, how long have you been, long have you been, been around, been in business, been operating, on the market, in the market, exist, existed, existence, in business, been doing, founding, young company, brand new company, how long has, how many years, opened, history, in the game, new company, newcomer, when did you start, company start, long have you existed, when did your',
    different:
      'different, differ, differs, difference, unique, special, better, best, advantage, advantages, stand out, stands out, set apart, sets you apart, set you apart, competitor, competitors, competition, strength, strengths, why you, why should we, why should i, why choose, why pick, why hire, why go with, instead of, convince, other agencies, other companies, other vendors, others, another agency, selling point, usp, compare, compared, comparing, versus, edge, unlike, outstanding, rivals, the rest, reason to, reasons to, dozens of agencies, freelancer, freelancers, trust you',
    choose:
      'choose, pick, select, hire, hiring, go with, recommend, suggest, advise, suited, suitable, best for',
    industry:
      'industry, industries, sector, sectors, vertical, verticals, domain, domains, field, niche, line of business, healthcare, medical, medicine, hospital, clinic, bank, banks, banking, fintech, finance, financial, retail, ecommerce, e commerce, logistics, manufacturing, education, real estate, insurance, hospitality, travel, agriculture, automotive, pharma, energy, telecom, government, nonprofit, non profit, legal',
    technology:
      'technology, technologies, tech, tools, tool, toolset, toolbox, technical expertise, tooling, technological',
    stack:
      'stack, stacks, framework, frameworks, library, libraries, tech stack, technology stack, front end framework, frontend framework',
    language:
      'programming language, programming languages, coding language, coding languages, code in, program in, programming in, languages do you, language do you, languages does your, languages can, write in, written in, languages',
    support:
      'support, supports, supporting, maintain, maintenance, maintaining, retainer, look after, upkeep, ongoing, long term, service plan, support plan, sla package, keep it running, keep running, continued, aftercare, help desk, helpdesk, support package, on demand, team extension, staff augmentation, extend our team, take care of it, updates and maintenance, security updates, patches',
    break:
      'break, breaks, broke, broken, crash, crashes, crashed, goes down, go down, went down, is down, down, fail, fails, failed, failing, failure, bug, bugs, error, errors, outage, go wrong, goes wrong, went wrong, stops working, stop working, stopped working, incident, emergency, fix, fixes, fixing, repair, problem, problems, issue, issues, defect, defects, malfunction, falls over, fall over, sla, response time, react, glitch, dies, not work',
    always:
      '24 7, 24 x 7, 24 hours, 24 hour, round the clock, around the clock, night, nights, at night, weekend, weekends, sunday, saturday, holiday, holidays, 3 am, 2 am, am, on call, business hours, working hours, support hours, office hours, out of hours, after hours, all the time, day and night, overnight, midnight, evenings, late evening, anytime, christmas, any time of day, opening hours, hours of operation, middle of the night, outside working hours',
    others:
      'somebody else, someone else, another company, another agency built, other agency built, different company, different agency, other developers, previous developer, previous developers, previous contractor, previous agency, former developer, old developer, old agency, last developer, our developer left, developer left, developer disappeared, vanished, ghosted, disappeared, left us, quit, existing code, existing project, existing system, existing application, existing app, existing website, existing site, existing software, existing product, take over, takeover, taking over, inherit, inherited, legacy, half finished, unfinished, written by, made by, built by, developed by, created by, not built by you, did not build, did not write, did not make, someone else built, other people, rescue, outdated, old system, audit, codebase, code base, someone else wrote, did not develop, not yours, halfway',
    update:
      'update, updates, updated, report, reports, reporting, progress, status, informed, in the loop, up to date, kept posted, posted, keep track, follow the, visibility, transparent, transparency, how far along, how far are you, track progress, see what is, on top of, what is going on, where things stand, project manager, contact person, point of contact, reporting to',
    communicate:
      'communicate, communication, contact, talk to us, call, calls, meetings, meeting, reach, slack, jira, teams, speak, chat, email, e mail, telegram channel, trello, zoom, in touch',
    process:
      'process, processes, workflow, method, approach, steps, step, stages, stage, phases, phase, how do you work, how you work, how does it work, how it works, how do we work, how would we work, cooperation, collaborate, collaboration, working together, work together, how do you run, how does a project go, walk me through, after i contact, after we sign, from idea to, from an idea, step by step, work process, how do you go about, how do you organise, how do you organize, look like from start to finish, from start to finish, structured, procedure, life cycle, lifecycle, work with you look like, collaborating, how do we begin, how do we get started, how do we start',
    agile: 'agile, scrum, kanban, waterfall, methodology, methodologies',
    sprint:
      'sprint, sprints, iteration, iterations, iterative, iteratively, demo, demos, two week, two weeks, biweekly, standups, stand ups, retrospectives, incremental, increments, change priorities, priorities, requirements change, change requirements, change our minds, change my mind, mid project',
    launch: 'launch, launched, launching, go live, live',
    afterwards:
      'after delivery, after launch, after the launch, after release, after the release, after go live, go live, finished, is finished, is done, completed, project ends, project is complete, hand over, handover, hand it over, handed over, hand off, handoff, then what, next step, next steps, post launch, post release, warranty, guarantee period, documentation, train our staff, train our team, train our people, source code, own the code, owns the code, ownership, intellectual property, ip rights, copyright, who owns, owner of, knowledge transfer, at the end, what comes next, once it is built, once you deliver, once you finish, on our own, when it is done, once the project, after the project, after it is done, project wraps up, wraps up, belongs to, once everything is delivered, once delivered, rights, after you deliver, after you finish',
    guarantee: 'guarantee, guarantees, guaranteed, promise, ensure, make sure, rely, commit',
    devops: 'devops, dev ops, site reliability, sre',
    definition:
      'definition, define, meaning, mean, means, what does it mean, explain, explanation, plain english, simple words, simple terms, layman, what is this thing, what is that, buzzword, what exactly is, what on earth is, what is all about, stand for',
    worth:
      'worth, worth it, need, necessary, overkill, too early, make sense, makes sense, benefit, benefits, point of, bother, useful, why do i need, why do we need, good for, is it for us, invest in, justify, worthwhile, value',
    startup:
      'startup, startups, start up, start ups, early stage, mvp, young company, seed, founder, founders, small team, pre seed, new venture',
    cicd: 'ci cd, cicd, ci, cd, pipeline, pipelines, continuous integration, continuous delivery, continuous deployment, automated tests, automatic tests, tests run automatically, tests automatically, on every commit, every push, each commit, build server',
    deploy:
      'deploy, deploys, deployment, deployments, deploying, release, releases, releasing, rollout, roll out, rolling out, ship, shipping, roll back, rollback, push to production, production, go to production, zero downtime, blue green, canary, publish new versions, new versions',
    automate:
      'automate, automated, automatic, automatically, automation, by hand, manual, manually, one click, single click, push of a button, copy files, hands off, automating',
    cloud: 'cloud, clouds, the cloud, cloud based, hosting, hosted, cloud platform, cloud platforms',
    migrate:
      'migrate, migration, migrating, migrations, move, moving, transfer, transition, switch from, switch over, relocate, on premise, on prem, on premises, own servers, own data centre, data center, data centre, physical servers, lift and shift, in house servers, server room, basement, away from our, old servers, get off, shift our',
    provider: 'provider, providers, vendor, vendors, hyperscaler',
    infrastructure:
      'infrastructure, infra, server, servers, environment, environments, provisioning, provision',
    integrate:
      'integrate, integrates, integration, integrations, connect, connects, connecting, link, linked, sync, synchronise, synchronize, synchronisation, hook up, plug into, talk to our, talk to each other, different systems, make different systems talk, interface with, api, apis, third party, exchange data, data exchange, tie in, tie together, compatible, work together with, current systems, our systems, current software, systems we have, interoperate, hook into, webhooks, play nicely',
    fullstack:
      'full stack, fullstack, end to end, whole application, complete application, entire application, turnkey, turn key, single source, from design to, from a to z, start to end, everything yourselves, both sides, both ends, client and server side, server side, soup to nuts, front and back, all layers, one roof, whole thing',
    frontend: 'front end, frontend, front ends, user interface, ui, ux, ui ux, web design, interface',
    backend: 'back end, backend, back ends',
    design: 'design, designer, designers, designing',
    learn:
      'learn, tutorial, course, courses, teach me, study, how to, how do i install, how can i install, how do i write, how do i fix, install, installing, homework, write me, write a, step by step guide, how do i set up, how do i make, how do i build, how do i create, how do i deploy, how do i use, how do i configure, how do i learn, code snippet, script for me, code for me, program for me, function for me, example code, syntax, how do i run, command to, how do i connect, certification exam, interview questions',
  },
}
